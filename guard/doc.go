// Package guard decides whether a text may pass: it prepares the text once,
// runs every check that the policy asks for side by side, and lets the policy
// turn what was measured into a verdict.
//
//	Request → Prepare → Check, Check, Check → Report → Policy.Decide → Verdict
//
// Checks see text, never callers, limits or policies: they measure. Policies
// see what was measured and the request's meta data, never text. Nothing in a
// Report or a Verdict holds a part of the text, so neither can leak it.
package guard
