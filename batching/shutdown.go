package batching

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// stopGrace is how long Shutdown waits, after its own context has ended, for
// runs to obey the end of theirs.
const stopGrace = time.Second

// Shutdown refuses new calls, waits for those admitted to be answered, and stops
// the batcher's goroutines. Until ctx ends nothing is cut short; then calls not
// answered get ErrClosed, the contexts of running batches and self-tests end, and
// ctx's error is returned, unless every call had its answer.
//
// A Run that ignores its context cannot be stopped: after stopGrace Shutdown
// returns ErrStillRunning, naming the executors, whose goroutines stay until
// their Run returns. What such a Run uses (a session, its memory) must not be
// freed. With any other result nothing of the batcher runs any more.
//
// Shutdown may be called again, and from several goroutines: each call waits for
// the same end, under its own ctx, and the first to run out of time ends it for all.
func (b *Batcher[In, Out]) Shutdown(ctx context.Context) error {
	b.refuse()
	select {
	case <-b.drained:
	case <-ctx.Done():
	}
	cut := b.cut()
	b.stop(ErrClosed)
	if err := b.awaitStop(ctx); err != nil {
		return err
	}
	if cut {
		return ended(ctx)
	}
	return nil
}

// refuse turns new calls away.
func (b *Batcher[In, Out]) refuse() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.closed = true
		b.checkDrained()
	}
}

// cut ends every call still open and reports whether there was any.
func (b *Batcher[In, Out]) cut() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	open := b.open > 0
	b.endWaiting(ErrClosed)
	for _, w := range b.workers {
		for _, s := range w.slots {
			for _, p := range s.batch {
				b.end(p.call, ErrClosed)
			}
		}
	}
	return open
}

// awaitStop waits for every slot's goroutine to end.
func (b *Batcher[In, Out]) awaitStop(ctx context.Context) error {
	select {
	case <-b.stopped:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-b.stopped:
		return nil
	case <-time.After(stopGrace):
		return fmt.Errorf("%w: %s", ErrStillRunning, strings.Join(b.obstinate(), ", "))
	}
}

// obstinate names the executors whose goroutines have not ended.
func (b *Batcher[In, Out]) obstinate() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for _, w := range b.workers {
		if w.running > 0 {
			names = append(names, w.Name)
		}
	}
	return names
}

// checkDrained sends the slots home when the last call of a closed batcher has
// ended. That happens once, as none is admitted any more. The lock is held.
func (b *Batcher[In, Out]) checkDrained() {
	if !b.closed || b.open > 0 {
		return
	}
	close(b.drained)
	for _, w := range b.workers {
		w.idle = 0
		w.free.Broadcast()
	}
}

// exit notes that a goroutine of an executor ends.
func (b *Batcher[In, Out]) exit(w *worker[In, Out]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.running--
	if b.running--; b.running == 0 {
		close(b.stopped)
	}
}
