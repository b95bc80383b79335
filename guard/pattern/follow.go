package pattern

import (
	"context"
	"math"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

var _ guard.Grower = (*Check)(nil)

// Follow looks for what the rules describe while a text is being written.
func (c *Check) Follow() guard.Follower {
	f := &follower{Check: c, judged: make(map[string]string)}
	for _, m := range c.matchers {
		f.judged[m.rule.ID] = m.rule.Validate
	}
	return f
}

// follower reads a text segment by segment. All of the text before settled has been
// judged for good: nothing that follows can bring forth a finding that begins
// there. Segments begin before that, so that whatever begins behind it is seen with
// what stands in front.
type follower struct {
	*Check
	judged        map[string]string // by rule: its validator
	base, settled int               // bytes of the text
}

// Look inspects the segment and passes on what is settled of it. What payloads hide
// is found again in the end, but told of all payloads of a kind together. A finding that
// reaches over what was settled before says that this segment was read otherwise
// than the whole text is, as can happen in texts that repeat one thing: then the
// next look reads from the start, and until it agrees nothing more is settled.
func (f *follower) Look(ctx context.Context, raw string) (guard.Sight, error) {
	prepare := guard.Preparer{MaxRaw: len(raw), MaxFolded: math.MaxInt}
	t, err := prepare.PrepareAt(raw[f.base:], f.base)
	if err != nil {
		return guard.Sight{}, err
	}
	s, err := f.read(ctx, t)
	if err != nil {
		return guard.Sight{}, err
	}
	if f.base > 0 && s.inside(f.settled) {
		f.base = 0
		return guard.Sight{Clear: f.settled, Doubtful: s.rest}, nil
	}
	settled := max(s.settled(), f.settled)
	fresh := func(all []guard.Finding) []guard.Finding {
		return slices.DeleteFunc(all, func(n guard.Finding) bool { return n.Span.Start < f.settled || n.Span.Start >= settled })
	}
	sight := guard.Sight{Found: fresh(s.plain), Growing: fresh(s.hidden), Doubtful: s.rest, Clear: settled}
	f.base, f.settled = s.next(settled), settled
	sight.Resume = f.base
	return sight, nil
}

// read inspects a segment.
func (f *follower) read(ctx context.Context, t *guard.Text) (*segment, error) {
	s := &segment{text: t, judged: f.judged}
	payloads, all := t.Payloads()
	subject := f.scan(t, nil)
	_, err := f.find(ctx, subject, &s.plain)
	f.release(subject)
	for _, p := range payloads {
		if err != nil {
			return nil, err
		}
		_, err = f.inspectPayload(ctx, p, &s.hidden)
	}
	if !all {
		s.rest = []guard.Finding{undecoded}
	}
	s.join()
	return s, err
}
