// Package policy decides from what was measured. A policy is a YAML file; those
// that come with Portcullis are files too.
//
// A line such as "block: 0.8" decides when a finding of its category, or of its
// label, scores as much. The strictest line wins, and each finding is settled by
// itself, so another finding never makes a verdict milder. Weak findings never
// decide: those of a category form one composite that stays below its lowest line
// and only raises the risk. A check that did not finish blocks, or asks for review.
//
// A condition decides when an expression over all of it holds; see package
// condition. An allow-list takes findings out before any of this, by their rule or
// with all that was found in one text; it never excuses a limit or a check that did
// not finish.
package policy
