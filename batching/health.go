package batching

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// state of an executor with a self-test. One without always serves.
//
//	serving ──Run failed──▶ suspect ──self-test failed or too slow──▶ retired
//	 ▲  │                      │ passed                              ▲   │ passed
//	 │  └──a test beside its batches failed or was too slow──────────┘   │
//	 └─────────────────────────┴─────────────────────────────────────────┘
//
// A suspect pulls nothing but still counts as alive, so that one bad item does
// not fail the whole queue of a batcher with one executor. Whoever makes an
// executor a suspect is the one to revive it: the slot whose Run failed, or the
// goroutine that tests it every so often (examine.go).
type state uint8

const (
	serving state = iota
	suspect
	retired
)

const (
	// selfTestLimit is the least TestLimit.
	selfTestLimit = 5 * time.Second
	// A later self-test may take as many times as long as one that passed, and one after
	// a test that took too long twice as long as that, up to longestTest: what is slow, on a
	// machine that is busy, is not retired over and over.
	testSlack   = 4
	longestTest = 2 * time.Minute
	// A retired executor is tested after firstRetest, then ever more rarely.
	firstRetest = 100 * time.Millisecond
	lastRetest  = 30 * time.Second
)

var (
	errSelfTestSlow = errors.New("self-test took too long")
	errRetired      = errors.New("failed its self-test while it ran the batch")
)

// doubt makes a suspect of the executor of s, whose Run failed with err, and
// reports whether it did. A Run that only obeyed the end of its context is not
// doubted. The lock is held.
func (b *Batcher[In, Out]) doubt(s *slot[In, Out], err error) bool {
	obeyed := s.ctx.Err() != nil && !errors.As(err, new(*PanicError))
	if s.worker.Healthy == nil || obeyed {
		return false
	}
	return s.worker.makeSuspect()
}

// makeSuspect doubts an executor that serves, and reports whether it did.
// The lock is held.
func (w *worker[In, Out]) makeSuspect() bool {
	if w.state != serving {
		return false
	}
	w.state = suspect
	return true
}

// revive tests a suspect until it passes or the batcher stops. The executor's
// slots pull nothing meanwhile.
func (b *Batcher[In, Out]) revive(w *worker[In, Out]) {
	for pause := firstRetest; ; pause = min(2*pause, lastRetest) {
		err := b.test(w, func(err error) { b.retire(w, err) })
		if err == nil {
			b.restore(w)
			return
		}
		if b.life.Err() != nil {
			return
		}
		b.retire(w, err)
		select {
		case <-time.After(pause):
		case <-b.life.Done():
			return
		}
	}
}

// test runs one self-test. One that ignores its context counts as failed from
// the limit on, when late is called, so that nobody waits for it until it returns.
func (b *Batcher[In, Out]) test(w *worker[In, Out], late func(error)) error {
	ctx, cancel := context.WithCancel(b.life)
	defer cancel()
	rung, began, limit := make(chan struct{}), time.Now(), b.limit(w)
	alarm := time.AfterFunc(limit, func() {
		defer close(rung)
		cancel()
		b.allow(w, 2*limit)
		late(fmt.Errorf("batching: executor %q: %w", w.Name, errSelfTestSlow))
	})
	err := w.selfTest(ctx)
	if !alarm.Stop() {
		<-rung
	}
	if err == nil {
		b.allow(w, testSlack*time.Since(began))
	}
	if b.life.Err() == nil {
		b.observer.Tested(w.Name, err)
	}
	return err
}

func (b *Batcher[In, Out]) limit(w *worker[In, Out]) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return w.patience
}

// allow lets self-tests take so long from now on.
func (b *Batcher[In, Out]) allow(w *worker[In, Out], limit time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.patience = max(w.patience, min(limit, longestTest))
}

// retire takes a suspect out of service. If no executor is left alive, all who
// wait are told.
func (b *Batcher[In, Out]) retire(w *worker[In, Out], err error) {
	b.mu.Lock()
	was := w.state
	w.state = retired
	if was != retired {
		w.retired++
	}
	if b.dead() {
		b.endWaiting(ErrNoExecutor)
	}
	b.mu.Unlock()
	if was != retired {
		b.observer.Health(w.Name, err)
	}
}

// restore puts an executor that passed back in service. A slot that is woken pulls
// next, and wakes the others if more waits.
func (b *Batcher[In, Out]) restore(w *worker[In, Out]) {
	b.mu.Lock()
	was := w.state
	w.state = serving
	b.wake()
	b.mu.Unlock()
	if was == retired {
		b.observer.Health(w.Name, nil)
	}
}

// dead reports whether every executor is retired. The lock is held.
func (b *Batcher[In, Out]) dead() bool {
	for _, w := range b.workers {
		if w.state != retired {
			return false
		}
	}
	return true
}

// endWaiting ends every call that has items in the queue. The lock is held.
func (b *Batcher[In, Out]) endWaiting(err error) {
	for i := range b.queue.classes {
		for class := &b.queue.classes[i].flows; !class.empty(); {
			b.end(class.top().tickets.top().call, err)
		}
	}
}
