package guard

import (
	"errors"
	"slices"
)

var errFlawed = errors.New("the check measured what cannot be")

// flawed tells whether a finding cannot be true of a text that ends at end: its score
// is none, or it stands outside. NaN is less than nothing, so it is flawed too.
func (f Finding) flawed(end int) bool {
	if f.Score >= 0 && f.Score <= 1 {
		return f.Span != nil && (f.Span.Start < 0 || f.Span.End <= f.Span.Start || f.Span.End > end)
	}
	return true
}

// mend makes what a check measured fit for policies and replies, and returns errFlawed if
// it was not: a check that is wrong once has failed. A score that is none becomes as bad as
// can be, a place that is none the whole text, a count that is none no count, so nothing
// becomes milder.
func (in *Inspection) mend(end int) (err error) {
	if in.Tokens != nil && *in.Tokens < 0 {
		in.Tokens, err = nil, errFlawed
	}
	if !(in.Coverage >= 0) { // no number is neither more nor less
		in.Coverage, err = 0, errFlawed
	}
	if !slices.ContainsFunc(in.Findings, func(f Finding) bool { return f.flawed(end) }) {
		return err
	}
	in.Findings = slices.Clone(in.Findings) // the check may keep its own
	for i, f := range in.Findings {
		if f.flawed(end) {
			in.Findings[i].Score, in.Findings[i].Span = 1, nil
		}
	}
	return errFlawed
}

// flawed tells whether anything that a look has seen cannot be true.
func (s Sight) flawed(end int) bool {
	for _, seen := range [][]Finding{s.Found, s.Growing, s.Doubtful} {
		if slices.ContainsFunc(seen, func(f Finding) bool { return f.flawed(end) }) {
			return true
		}
	}
	return s.Clear > end || s.Tokens < 0
}
