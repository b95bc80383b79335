package pattern

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// matcher is one pattern of a rule ready to be used.
type matcher struct {
	rule *Rule
	*expression
	judge judge // nil: every match counts
}

// newMatchers compiles the patterns of a rule.
func newMatchers(r Rule) ([]matcher, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	j := validators[r.Validate]
	if r.Validate != "" && j == nil {
		return nil, fmt.Errorf("validate: %q is none of %s", r.Validate, strings.Join(slices.Sorted(maps.Keys(validators)), ", "))
	}
	var all []matcher
	for _, p := range r.Patterns {
		e, err := newExpression(p, r.View)
		if err != nil {
			return nil, fmt.Errorf("pattern: %w", err)
		}
		e.weak = r.Weak
		all = append(all, matcher{&r, e, j})
	}
	return all, nil
}

// maxFindings is how many findings one pattern makes of a text. The last one
// then reaches from its own match to the very last: decisions count a rule once,
// and sanitising takes out what the findings cover, so neither loses anything.
const maxFindings = 1000

// marked returns where the pattern matches in the smoothed text, beginning at the
// given places, and the judge, if there is one, agrees. What it says of the folded
// text counts.
func (m matcher) marked(s *subject, begins []begin) []match {
	hits := m.matches(s.smoothed.string(), begins, s.doubt)
	kept := hits[:0]
	for _, hit := range hits {
		at, ok := s.smoothed.place(hit)
		if ok && m.judge != nil {
			at, _, ok = m.judge(s.smoothed.folded, at)
		}
		if ok {
			kept = append(kept, at)
		}
	}
	return kept
}

// find appends findings of the matches in s.
func (m matcher) find(s *subject, matches []match, findings []guard.Finding) []guard.Finding {
	n := 0
	for _, at := range matches {
		span, ok := s.span(m.rule.View, at)
		if !ok {
			continue
		}
		if n++; n > maxFindings {
			last := findings[len(findings)-1].Span
			last.Start, last.End = min(last.Start, span.Start), max(last.End, span.End)
			continue
		}
		findings = append(findings, guard.Finding{
			Check: "pattern", Rule: m.rule.ID, Category: m.rule.Category, Severity: m.rule.Severity,
			Score: m.rule.Score, Weak: m.rule.Weak, From: m.rule.From, Span: &span, Message: m.rule.Description + s.how,
		})
	}
	return findings
}
