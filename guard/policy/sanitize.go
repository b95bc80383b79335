package policy

import (
	"cmp"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// cut is a part of the text that gives way to the placeholder of a finding.
type cut struct {
	guard.Span
	finding guard.Finding
}

// Sanitize puts a placeholder in the place of everything that a SANITIZE line
// or condition asked for. Where findings overlap, one placeholder takes the place of all, that
// of the finding with the highest score.
func (p *policy) Sanitize(raw string, r guard.Report) (guard.Redaction, error) {
	var all []guard.Cut
	for _, c := range p.cuts(r) {
		all = append(all, guard.Cut{Span: c.Span, Placeholder: p.placeholders[c.finding.Rule], Check: c.finding.Check})
	}
	return guard.Redact(raw, all)
}

// cuts returns what to take out, in order and apart from each other.
func (p *policy) cuts(r guard.Report) []cut {
	var all []cut
	h := p.hear(r)
	for _, c := range h.report.Checks {
		for _, f := range c.Findings {
			if p.settle(&h, f) == guard.Sanitize {
				all = append(all, cut{*f.Span, f})
			}
		}
	}
	slices.SortFunc(all, func(a, b cut) int { return cmp.Or(cmp.Compare(a.Start, b.Start), stronger(a.finding, b.finding)) })
	var apart []cut
	for _, c := range all {
		if n := len(apart); n > 0 && apart[n-1].Overlaps(c.Span) {
			apart[n-1] = union(apart[n-1], c)
		} else {
			apart = append(apart, c)
		}
	}
	return apart
}

func union(a, b cut) cut {
	span := guard.Span{Start: min(a.Start, b.Start), End: max(a.End, b.End)}
	if stronger(b.finding, a.finding) < 0 {
		return cut{span, b.finding}
	}
	return cut{span, a.finding}
}

// stronger is negative if a's placeholder comes before b's.
func stronger(a, b guard.Finding) int {
	return cmp.Or(cmp.Compare(score(b), score(a)), cmp.Compare(a.Rule, b.Rule))
}
