package batching

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Batcher groups the items of concurrent calls into batches for its executors.
// It is safe for concurrent use.
type Batcher[In, Out any] struct {
	cfg      Config
	size     func(In) int
	observer Observer
	born     time.Time // what dues are counted from

	// life is the context of every Run and self-test; stop ends it.
	life context.Context
	stop context.CancelCauseFunc

	mu      sync.Mutex // guards what follows, and every call and slot
	queue   queue[call[In, Out]]
	workers []*worker[In, Out] // one per executor, in order
	giant   *call[In, Out]     // the last admitted above half a queue; nil once it has ended
	open    int                // calls admitted and not ended
	closed  bool
	drained chan struct{} // closed when closed and open is 0
	busy    int           // slots that run a batch
	running int           // goroutines of executors
	stopped chan struct{} // closed when running is 0
}

// New starts a batcher. size tells how large an item is, in the unit of
// Config.MaxQueueCost and Executor.Cost; below 1 counts as 1. It is called once
// per item on the caller's goroutine. The goroutines it starts end in Shutdown.
func New[In, Out any](cfg Config, size func(In) int, execs []Executor[In, Out], opts ...Option) (*Batcher[In, Out], error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("batching: %w", err)
	}
	if size == nil {
		return nil, errors.New("batching: no size")
	}
	if err := validateAll(execs); err != nil {
		return nil, err
	}
	b := &Batcher[In, Out]{
		cfg:      cfg,
		size:     size,
		observer: newOptions(opts).observer,
		born:     time.Now(),
		queue:    newQueue[call[In, Out]](cfg.MaxQueueCost),
		drained:  make(chan struct{}),
		stopped:  make(chan struct{}),
	}
	b.life, b.stop = context.WithCancelCause(context.Background())
	for _, e := range execs {
		b.workers = append(b.workers, newWorker(e, &b.mu))
	}
	b.start()
	return b, nil
}

// DoAll returns one Out per item, in order, after some executor has run each.
//
// All items are admitted or none. Refused calls get an *OverloadedError,
// ErrClosed or ErrNoExecutor at once, and have cost nothing. A call is refused that
// finds no room, or that would not be answered before ctx's deadline, by what waits
// before it, counted 1.4 times, and the speed measured; where nothing waits it never is.
// A call larger than half the queue, even than all of it, is admitted when half the
// queue is free and no other such call fills its half. It is pulled piece by piece, in
// turn with others, which find room in the other half meanwhile.
//
// The earliest deadline goes first, within a fair share (Flow). A call that was
// admitted and can be answered in time no more, while others wait, is given up before
// its deadline with ErrTooLate.
//
// On error the result still has one Out per item: those that finished, and the
// zero Out for the others, so a caller can tell how much of a text was seen.
// (Where the zero Out is a result, it cannot.) The error is that of the first
// batch that failed, naming its executor, or one of this package, or ctx's.
//
// When ctx ends DoAll returns at once: what waits is dropped, and its cost
// released, before it returns; a batch that runs goes on for its other callers
// and is cancelled if there are none. So what items point to MUST NOT be changed
// after an error: a Run may still read it.
//
// A Flow in ctx (WithFlow) says whose turn the call takes. No items, no wait:
// the answer is empty, even after Shutdown.
func (b *Batcher[In, Out]) DoAll(ctx context.Context, items []In) ([]Out, error) {
	if len(items) == 0 {
		return []Out{}, nil
	}
	if ctx.Err() != nil {
		return make([]Out, len(items)), ended(ctx)
	}
	c := newCall[In, Out](ctx, items, b.size)
	if err := b.admit(c, FlowFrom(ctx)); err != nil {
		return c.out, err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		b.leave(c, ended(ctx))
	}
	return c.out, c.err
}

// admit puts c in the queue, or says why not.
func (b *Batcher[In, Out]) admit(c *call[In, Out], f Flow) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return ErrClosed
	case b.dead():
		return ErrNoExecutor
	case !b.room(c.ticket.cost, f):
		return &OverloadedError{RetryAfter: b.drainTime()}
	}
	c.ticket.hurry(c.arrived.Sub(b.born), c.timeLeft(c.arrived))
	if err := b.timely(c, f); err != nil {
		return err
	}
	if c.ticket.cost > b.cfg.half() {
		b.giant = c
	}
	b.queue.add(&c.ticket, f)
	b.open++
	b.wake()
	return nil
}

// leave ends c with err, unless it has its answer already.
func (b *Batcher[In, Out]) leave(c *call[In, Out], err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end(c, err)
}

// end gives c its one answer: what it has of out, and err. Only the first end
// of a call counts. Nothing of c waits or runs afterwards, as far as the
// batcher can tell. The lock is held.
func (b *Batcher[In, Out]) end(c *call[In, Out], err error) {
	if c.ended {
		return
	}
	c.ended, c.err = true, err
	c.tell()
	b.queue.drop(&c.ticket)
	if b.giant == c {
		b.giant = nil
	}
	for len(c.slots) > 0 {
		c.part(c.slots[0])
	}
	b.open--
	b.checkDrained()
	close(c.done)
}
