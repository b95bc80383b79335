package pattern

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/portcullis-ai/portcullis/guard"
)

// Check finds what its rules describe. It is immutable and safe for concurrent
// use.
type Check struct {
	matchers []matcher
	spotters [viewCount]*spotter // of the matches in each view
	subjects sync.Pool           // of *subject
}

// New compiles the rules and proves each by its own examples. It refuses ids
// used twice. Errors name the rule, where it was read, and the example that
// failed.
func New(rules []Rule) (*Check, error) {
	c := &Check{}
	defined := make(map[string]Rule, len(rules))
	taken := make([]error, len(rules))
	for i, r := range rules {
		if first, ok := defined[r.ID]; ok {
			taken[i] = fmt.Errorf("the id is taken (%s): give it another one, or replace that rule by replace: true", first.Source)
		}
		defined[r.ID] = r
	}
	matchers := make([][]matcher, len(rules))
	if err := each(len(rules), func(i int) (err error) {
		if err = taken[i]; err == nil {
			matchers[i], err = newMatchers(rules[i])
		}
		return rules[i].wrong(err)
	}); err != nil {
		return nil, err
	}
	c.matchers = slices.Concat(matchers...)
	c.index()
	if err := each(len(rules), func(i int) error { return rules[i].wrong(c.prove(rules[i])) }); err != nil {
		return nil, err
	}
	return c, nil
}

// index makes the spotters.
func (c *Check) index() {
	for v := range View(viewCount) {
		all := make([]*expression, len(c.matchers))
		for i, m := range c.matchers {
			if m.rule.View == v {
				all[i] = m.expression
			}
		}
		c.spotters[v] = newSpotter(all)
	}
	c.subjects.New = func() any { return newSubject(len(c.matchers)) }
}

// Name is "pattern".
func (*Check) Name() string { return "pattern" }

// Inspect applies every rule to the whole text and to what it hides. If ctx ends it
// returns what the patterns so far have found; Coverage is the share of those with
// work to do that were applied, each text and each of its two readings an equal share.
func (c *Check) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	payloads, all := t.Payloads()
	s := c.scan(t, nil)
	in := guard.Inspection{}
	done, err := c.find(ctx, s, &in.Findings)
	c.release(s)
	inSight := plain{findings: in.Findings}
	for _, p := range payloads {
		if err != nil {
			break
		}
		var part float64
		part, err = c.inspectBeside(ctx, &inSight, p, &in.Findings)
		done += part
	}
	if in.Coverage = done / float64(1+len(payloads)); err == nil {
		in.Coverage = 1
	}
	if !all {
		in.Findings = append(in.Findings, undecoded)
	}
	return in, err
}

// find appends what the patterns find in s, and returns the share of them that did
// not come too late.
func (c *Check) find(ctx context.Context, s *subject, findings *[]guard.Finding) (done float64, err error) {
	first := len(*findings)
	for i, n := range s.which {
		if ctx.Err() != nil {
			return float64(i) / float64(2*len(s.which)), late(ctx)
		}
		m := c.matchers[n]
		if s.proven && m.rule.View == Clean && !m.rule.provesItself() {
			continue
		}
		*findings = m.find(s, m.matches(s.views[m.rule.View], s.begins[n], m.judge), *findings)
	}
	*findings = once(*findings, first)
	if !s.smoothed.read(s.views[Folded]) {
		return 1, nil
	}
	c.reread(s)
	asWritten, second := plain{findings: (*findings)[first:]}, len(*findings)
	for i, n := range s.again.which {
		if ctx.Err() != nil {
			return float64(len(s.again.which)+i) / float64(2*len(s.again.which)), late(ctx)
		}
		m := c.matchers[n]
		*findings = m.find(s, m.marked(s, s.again.begins[n]), *findings)
	}
	*findings = once(asWritten.without(*findings, second), second)
	return 1, nil
}

// once drops those of findings[first:] that another pattern of their rule has found in
// the same place.
func once(findings []guard.Finding, first int) []guard.Finding {
	if len(findings)-first < 2 {
		return findings
	}
	type place struct {
		rule string
		span guard.Span
	}
	told := make(map[place]bool)
	return append(findings[:first], slices.DeleteFunc(findings[first:], func(f guard.Finding) bool {
		at := place{f.Rule, *f.Span}
		again := told[at]
		told[at] = true
		return again
	})...)
}

func late(ctx context.Context) error { return fmt.Errorf("pattern: %w", context.Cause(ctx)) }

// scan returns a text, p's unless that is nil, with the places where matches may begin,
// those of one matcher after those of another. Give it back with release.
func (c *Check) scan(t *guard.Text, p *guard.Payload) *subject {
	s := c.subjects.Get().(*subject)
	s.read(t, p)
	for v, text := range s.views {
		s.places[v] = c.spotters[v].scan(text, s.places[v], &s.candidates)
	}
	slices.Sort(s.which)
	return s
}

func (c *Check) release(s *subject) {
	s.release()
	c.subjects.Put(s)
}

// prove checks a rule against its own examples.
func (c *Check) prove(r Rule) error {
	for _, example := range r.Hits {
		if hit, err := c.hits(r, example); err != nil {
			return err
		} else if !hit {
			return fmt.Errorf("misses its hit %q: widen the pattern or correct the example", example)
		}
	}
	for _, example := range r.Misses {
		if hit, err := c.hits(r, example); err != nil {
			return err
		} else if hit {
			return fmt.Errorf("hits its miss %q: narrow the pattern or correct the example", example)
		}
	}
	return nil
}

func (c *Check) hits(r Rule, example string) (bool, error) {
	t, err := guard.Prepare(example)
	if err != nil {
		return false, fmt.Errorf("example %q: %w", example, err)
	}
	s := c.scan(t, nil)
	defer c.release(s)
	var findings []guard.Finding
	if _, err := c.find(context.Background(), s, &findings); err != nil {
		return false, err
	}
	return slices.ContainsFunc(findings, func(f guard.Finding) bool { return f.Rule == r.ID }), nil
}
