package pattern

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// matcher is a rule ready to be used.
type matcher struct {
	rule        Rule
	expressions []*expression
	first       int   // the number of the first expression among all of the check
	judge       judge // nil: every match counts
}

// newMatcher compiles a rule whose expressions are numbered from first.
func newMatcher(r Rule, first int) (*matcher, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	m := &matcher{rule: r, first: first}
	if r.Validate != "" {
		if m.judge = validators[r.Validate]; m.judge == nil {
			return nil, fmt.Errorf("validate: %q is none of %s", r.Validate, strings.Join(slices.Sorted(maps.Keys(validators)), ", "))
		}
	}
	for _, p := range r.Patterns {
		e, err := newExpression(p, r.View)
		if err != nil {
			return nil, fmt.Errorf("pattern: %w", err)
		}
		if m.judge != nil && len(e.leading) == 0 && !startsWord(p) {
			return nil, errors.New(`pattern: to be validated, it must begin with \b or a literal`)
		}
		m.expressions = append(m.expressions, e)
	}
	return m, nil
}

// maxFindings is how many findings one expression makes of a text. The last one
// then reaches from its own match to the very last: decisions count a rule once,
// and sanitising takes out what the findings cover, so neither loses anything.
const maxFindings = 1000

// find appends the rule's findings in s, the view of t that the rule reads.
func (m *matcher) find(t *guard.Text, s *subject, findings []guard.Finding) []guard.Finding {
	for i, e := range m.expressions {
		for n, at := range e.matches(s, s.begins[m.first+i], m.judge) {
			span := m.rule.View.span(t, at.start, at.end)
			if n >= maxFindings {
				findings[len(findings)-1].Span.End = span.End
				continue
			}
			findings = append(findings, guard.Finding{
				Check: "pattern", Rule: m.rule.ID, Category: m.rule.Category, Severity: m.rule.Severity,
				Score: m.rule.Score, Weak: m.rule.Weak, Span: &span, Message: m.rule.Description,
			})
		}
	}
	return findings
}

// prove checks the rule against its own examples, by the check it is part of.
func (m *matcher) prove(c *Check) error {
	for _, examples := range []struct {
		texts []string
		want  bool
		fault string
	}{{m.rule.Hits, true, "misses its hit"}, {m.rule.Misses, false, "hits its miss"}} {
		for _, text := range examples.texts {
			t, err := guard.Prepare(text)
			if err != nil {
				return fmt.Errorf("example %q: %w", text, err)
			}
			s := c.scan(t)
			found := m.find(t, &s[m.rule.View], nil)
			c.release(s)
			if hit := len(found) > 0; hit != examples.want {
				return fmt.Errorf("%s %q", examples.fault, text)
			}
		}
	}
	return nil
}
