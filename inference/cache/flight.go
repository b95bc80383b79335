package cache

import (
	"context"
	"errors"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
)

// flight is one call of a Runner on behalf of everyone who waits for it.
type flight struct {
	flow    any
	memory  *memory
	windows []inference.Encoding
	keys    []key
	size    int // tokens of windows
	callers int // who have not left; guarded by the cache's lock

	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when rows and err are there
	rows   [][]float32
	err    error
}

// route is what a flight can be joined by: the window, and whose turn it takes.
type route struct {
	key  key
	flow any
}

// seat is the place of a window in a flight.
type seat struct {
	flight *flight
	place  int
}

var errPanicked = errors.New("cache: the runner panicked")

// newFlight begins a flight without windows for one caller.
func newFlight(ctx context.Context, m *memory, flow any) *flight {
	f := &flight{flow: flow, memory: m, callers: 1, done: make(chan struct{})}
	f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if at, ok := ctx.Deadline(); ok {
		f.ctx = dated{f.ctx, at}
	}
	return f
}

// dated tells the deadline of the call that began a flight, for those who order or
// refuse work by it. It does not end at it: others may wait longer.
type dated struct {
	context.Context
	deadline time.Time
}

// Deadline implements context.Context.
func (d dated) Deadline() (time.Time, bool) { return d.deadline, true }

// add takes a window on board. The cache's lock is held.
func (f *flight) add(w inference.Encoding, k key) seat {
	f.windows, f.keys, f.size = append(f.windows, w), append(f.keys, k), f.size+w.Len()
	return seat{f, len(f.windows) - 1}
}

// fly runs the windows. Who waits is told after the rows are remembered and the
// flight can no longer be joined, so a window is never run twice for want of an instant.
func (c *Cache) fly(f *flight, run inference.Runner) {
	defer close(f.done)
	defer c.land(f)
	defer func() {
		if recover() != nil { // what it holds may quote a text
			f.rows, f.err = nil, errPanicked
		}
	}()
	f.rows, f.err = c.compute(f.ctx, f.memory, run, f.windows, f.keys)
}

func (c *Cache) land(f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.close(f)
}

// leave takes one caller off f. The last one ends it, and waits until it has ended:
// nothing runs on for a call that has returned.
func (c *Cache) leave(f *flight) {
	c.mu.Lock()
	f.callers--
	last := f.callers == 0
	if last {
		c.close(f)
	}
	c.mu.Unlock()
	if last {
		<-f.done
	}
}

// close cancels f and lets nobody join it any more. The lock is held.
func (c *Cache) close(f *flight) {
	f.cancel()
	for _, k := range f.keys {
		if r := (route{k, f.flow}); c.flights[r].flight == f {
			delete(c.flights, r)
		}
	}
}
