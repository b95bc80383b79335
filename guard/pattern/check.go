package pattern

import (
	"context"
	"fmt"
	"sync"

	"github.com/portcullis-ai/portcullis/guard"
)

// Check finds what its rules describe. It is immutable and safe for concurrent
// use.
type Check struct {
	matchers []*matcher
	literals [viewCount]*automaton // what the expressions on each view begin with
	subjects sync.Pool             // of *subjects
}

// New compiles the rules and proves each by its own examples. It refuses ids
// used twice. Errors name the rule, and the example that failed.
func New(rules []Rule) (*Check, error) {
	c := &Check{matchers: make([]*matcher, 0, len(rules))}
	seen := make(map[string]bool, len(rules))
	count := 0
	for _, r := range rules {
		if seen[r.ID] {
			return nil, fmt.Errorf("rule %s: the id is taken", r.ID)
		}
		seen[r.ID] = true
		m, err := newMatcher(r, count)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		c.matchers = append(c.matchers, m)
		count += len(m.expressions)
	}
	c.index(count)
	for _, m := range c.matchers {
		if err := m.prove(c); err != nil {
			return nil, fmt.Errorf("rule %s: %w", m.rule.ID, err)
		}
	}
	return c, nil
}

// index builds the automata for count expressions and numbers the sets of
// literals that they need.
func (c *Check) index(count int) {
	var leading, needed [viewCount][][]string
	for v := range leading {
		leading[v] = make([][]string, count)
	}
	for _, m := range c.matchers {
		v := m.rule.View
		for i, e := range m.expressions {
			leading[v][m.first+i] = e.leading
			e.needs.firstSet = len(needed[v])
			needed[v] = append(needed[v], e.needs.sets...)
		}
	}
	for v := range leading {
		c.literals[v] = newAutomaton(leading[v], needed[v])
	}
	c.subjects.New = func() any {
		var s subjects
		for v := range s {
			s[v].begins, s[v].seen = make([][]uint32, count), make([]bool, len(needed[v]))
		}
		return &s
	}
}

// Name is "pattern".
func (*Check) Name() string { return "pattern" }

// Inspect applies every rule to the whole text. If ctx ends it returns what the
// rules so far have found; Coverage is the share of the rules that were applied.
func (c *Check) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	s := c.scan(t)
	defer c.release(s)
	in := guard.Inspection{Coverage: 1}
	for i, m := range c.matchers {
		if ctx.Err() != nil {
			in.Coverage = float64(i) / float64(len(c.matchers))
			return in, fmt.Errorf("pattern: %w", context.Cause(ctx))
		}
		in.Findings = m.find(t, &s[m.rule.View], in.Findings)
	}
	return in, nil
}

// scan returns the views of a text, and where the literals stand in them. Give
// it back with release.
func (c *Check) scan(t *guard.Text) *subjects {
	s := c.subjects.Get().(*subjects)
	for v, text := range [viewCount]string{Folded: t.Folded.Text, Clean: t.Clean.Text, Raw: t.Raw} {
		s[v].text = text
		c.literals[v].scan(text, s[v].begins, s[v].seen)
	}
	return s
}

// release keeps the memory of s for the next text, and nothing of the text.
func (c *Check) release(s *subjects) {
	for v := range s {
		for i := range s[v].begins {
			s[v].begins[i] = s[v].begins[i][:0]
		}
		clear(s[v].seen)
		s[v] = subject{begins: s[v].begins, seen: s[v].seen}
	}
	c.subjects.Put(s)
}
