package batching

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// worker is an executor at work: its slots and its state. The batcher's lock
// guards it.
type worker[In, Out any] struct {
	Executor[In, Out]
	slots    []*slot[In, Out]
	running  int        // goroutines: a slot each, and one that tests
	idle     int        // slots that wait on free and were not signalled
	free     *sync.Cond // of the batcher's lock
	state    state
	retired  int           // how often it was
	patience time.Duration // with its next self-test
	speed    speed
}

// slot runs one batch at a time on a goroutine of its own. Its slices are reused
// from batch to batch.
type slot[In, Out any] struct {
	worker *worker[In, Out]

	batch   []picked[call[In, Out]]
	items   []In
	stats   BatchStats
	started time.Time
	retired int // of the worker, when the batch began
	callers int // calls of the batch that have not ended
	ctx     context.Context
	cancel  context.CancelFunc
}

func newWorker[In, Out any](e Executor[In, Out], mu *sync.Mutex) *worker[In, Out] {
	w := &worker[In, Out]{Executor: e, patience: max(e.TestLimit, selfTestLimit), free: sync.NewCond(mu)}
	for range e.InFlight {
		w.slots = append(w.slots, &slot[In, Out]{worker: w})
	}
	return w
}

// start runs every slot, and what tests executors beside their batches.
func (b *Batcher[In, Out]) start() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, w := range b.workers {
		w.running = len(w.slots)
		for _, s := range w.slots {
			go b.work(s)
		}
		if w.TestEvery > 0 {
			w.running++
			go b.watch(w, i, len(b.workers))
		}
		b.running += w.running
	}
}

// work is the life of a slot: pull, run, answer, until the batcher has drained.
func (b *Batcher[In, Out]) work(s *slot[In, Out]) {
	for b.next(s) {
		out, err := s.worker.run(s.ctx, s.items)
		failed := b.answer(s, out, err)
		b.observer.BatchDone(s.stats)
		if failed {
			b.revive(s.worker)
		}
	}
	b.exit(s.worker)
}

// next loads a batch as soon as there is one, or returns false when there will
// be none.
//
// No item waits while a slot of an executor that takes it is idle, because every item
// that begins to wait wakes a slot, a slot that pulls and leaves something wakes
// the next, and one that was woken and cannot serve wakes another in its place.
func (b *Batcher[In, Out]) next(s *slot[In, Out]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		if b.closed && b.open == 0 {
			return false
		}
		if b.takes(s.worker) {
			b.giveUp(s.worker, time.Now())
		}
		if b.takes(s.worker) {
			b.load(s)
			b.wake()
			return true
		}
		b.wake()
		s.worker.idle++
		s.worker.free.Wait()
	}
}

// takes reports whether w would pull now. The lock is held.
func (b *Batcher[In, Out]) takes(w *worker[In, Out]) bool {
	return w.state == serving && b.queue.items > 0 && (!w.Alone || b.alone())
}

// alone reports whether what waits is an executor's that is for what comes alone. The
// lock is held.
func (b *Batcher[In, Out]) alone() bool {
	others := false
	for _, w := range b.workers {
		others = others || !w.Alone && w.state != retired
	}
	return !others || b.queue.items == 1 && b.busy == 0
}

// wake signals one idle slot if anything waits, of the first executor that has
// one. The lock is held.
func (b *Batcher[In, Out]) wake() {
	if b.queue.items == 0 {
		return
	}
	for _, w := range b.workers {
		if w.idle > 0 && b.takes(w) {
			w.idle--
			w.free.Signal()
			return
		}
	}
}

// load pulls a batch into s. The lock is held, the queue not empty.
func (b *Batcher[In, Out]) load(s *slot[In, Out]) {
	s.ctx, s.cancel = context.WithCancel(b.life) //nolint:gosec // G118: called when the batch has run, or has lost its callers
	s.batch = b.queue.pull(s.worker.limits(), s.batch)
	b.busy++
	s.started, s.retired = time.Now(), s.worker.retired
	s.stats = BatchStats{Executor: s.worker.Name, Items: len(s.batch)}
	for _, p := range s.batch {
		p.call.join(s)
		if p.call.begun.IsZero() {
			p.call.begun = s.started
		}
		s.items = append(s.items, p.call.items[p.index])
		s.stats.Size += p.size
		s.stats.Longest = max(s.stats.Longest, p.size)
		s.stats.Waited = max(s.stats.Waited, s.started.Sub(p.call.arrived))
	}
	s.stats.Calls = s.callers
	s.stats.Cost = s.worker.Cost(s.stats.Items, s.stats.Longest, s.stats.Size)
}

// answer hands the results of a batch to those of its callers who are still
// there, and frees s. It reports whether the executor is to be doubted, which
// is then s's to settle. Results of an executor that was retired while it ran them
// are thrown away, also if it is back: they may be wrong.
func (b *Batcher[In, Out]) answer(s *slot[In, Out], out []Out, err error) (failed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil && s.worker.retired != s.retired {
		err = fmt.Errorf("batching: executor %q: %w", s.worker.Name, errRetired)
	}
	s.stats.Took, s.stats.Err = time.Since(s.started), err
	if err == nil {
		s.worker.speed.measure(s.stats.Size, s.stats.Took)
	} else {
		failed = b.doubt(s, err)
	}
	for i, p := range s.batch {
		c := p.call
		c.part(s)
		if c.ended {
			continue
		}
		if err != nil {
			b.end(c, err)
			continue
		}
		c.out[p.index] = out[i]
		if c.left--; c.left == 0 {
			b.end(c, nil)
		}
	}
	b.busy--
	s.cancel()
	clear(s.batch)
	clear(s.items)
	s.batch, s.items = s.batch[:0], s.items[:0]
	return failed
}
