package pattern

import (
	"context"
	"fmt"

	"github.com/portcullis-ai/portcullis/guard"
)

// Check finds what its rules describe. It is immutable and safe for concurrent
// use.
type Check struct{ matchers []*matcher }

// New compiles the rules and proves each by its own examples. It refuses ids
// used twice. Errors name the rule, and the example that failed.
func New(rules []Rule) (*Check, error) {
	c := &Check{matchers: make([]*matcher, 0, len(rules))}
	seen := make(map[string]bool, len(rules))
	for _, r := range rules {
		if seen[r.ID] {
			return nil, fmt.Errorf("rule %s: the id is taken", r.ID)
		}
		seen[r.ID] = true
		m, err := compile(r)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		if err := m.prove(); err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		c.matchers = append(c.matchers, m)
	}
	return c, nil
}

// Name is "pattern".
func (*Check) Name() string { return "pattern" }

// Inspect applies every rule to the whole text. If ctx ends it returns what the
// rules so far have found; Coverage is the share of the rules that were applied.
func (c *Check) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	views := subjects(t)
	in := guard.Inspection{Coverage: 1}
	for i, m := range c.matchers {
		if ctx.Err() != nil {
			in.Coverage = float64(i) / float64(len(c.matchers))
			return in, fmt.Errorf("pattern: %w", context.Cause(ctx))
		}
		if s := &views[m.rule.View]; m.needs.met(s) {
			in.Findings = m.find(t, s.text, in.Findings)
		}
	}
	return in, nil
}

// subjects returns the views of a text, by View.
func subjects(t *guard.Text) [3]subject {
	return [...]subject{Folded: {text: t.Folded.Text}, Clean: {text: t.Clean.Text}, Raw: {text: t.Raw}}
}

// prove checks the rule against its own examples, on the road of every text.
func (m *matcher) prove() error {
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
			s := subjects(t)[m.rule.View]
			if hit := m.needs.met(&s) && len(m.find(t, s.text, nil)) > 0; hit != examples.want {
				return fmt.Errorf("%s %q", examples.fault, text)
			}
		}
	}
	return nil
}
