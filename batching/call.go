package batching

import (
	"context"
	"slices"
	"time"
)

// call is one DoAll on its way. All but items is guarded by the batcher's lock
// until done is closed; from then on nothing writes to it.
type call[In, Out any] struct {
	items   []In
	out     []Out
	err     error
	left    int // items not answered
	ended   bool
	done    chan struct{} // closed when ended
	arrived time.Time
	// deadline is zero where there is none.
	deadline time.Time
	begun    time.Time // when its first item was pulled; zero before
	timing   *Timing   // nil where nobody asks

	ticket ticket[call[In, Out]]
	slots  []*slot[In, Out]  // running some of the items, each once
	one    [1]*slot[In, Out] // room for slots where there is one
}

func newCall[In, Out any](ctx context.Context, items []In, size func(In) int) *call[In, Out] {
	c := &call[In, Out]{
		items:   items,
		out:     make([]Out, len(items)),
		left:    len(items),
		done:    make(chan struct{}),
		arrived: time.Now(),
	}
	c.deadline, _ = ctx.Deadline()
	c.timing, _ = ctx.Value(timingKey{}).(*Timing)
	c.slots = c.one[:0]
	t := &c.ticket
	t.call = c
	t.waiting = t.one[:0]
	if len(items) > 1 {
		t.waiting = make([]item, 0, len(items))
	}
	for i, in := range items {
		s := max(size(in), 1)
		t.waiting = append(t.waiting, item{i, s})
		t.cost += s
	}
	return c
}

// timeLeft is how long c has from now, patientest where nobody has said.
func (c *call[In, Out]) timeLeft(now time.Time) time.Duration {
	if c.deadline.IsZero() {
		return patientest
	}
	return c.deadline.Sub(now)
}

// join notes that s runs items of c, once however many.
func (c *call[In, Out]) join(s *slot[In, Out]) {
	if !slices.Contains(c.slots, s) {
		c.slots = append(c.slots, s)
		s.callers++
	}
}

// part undoes join. A batch whose every caller has gone is cancelled.
func (c *call[In, Out]) part(s *slot[In, Out]) {
	i := slices.Index(c.slots, s)
	if i < 0 {
		return
	}
	c.slots = slices.Delete(c.slots, i, i+1)
	if s.callers--; s.callers == 0 {
		s.cancel()
	}
}
