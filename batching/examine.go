package batching

import "time"

// watch tests an executor every so often until the batcher stops. The first test
// of the executor at place i of n comes earlier than those of the ones after it, so
// that not all of them are tested at the same moment.
func (b *Batcher[In, Out]) watch(w *worker[In, Out], i, n int) {
	defer b.exit(w)
	pause := w.TestEvery / time.Duration(n) * time.Duration(i+1)
	for {
		select {
		case <-time.After(pause):
			b.examine(w)
		case <-b.life.Done():
			return
		}
		pause = w.TestEvery
	}
}

// examine tests an executor beside its batches: they and whoever waits are not
// held up. One that fails, or takes too long, is retired at once and stays so
// until it passes. One that is doubted already is left to the slot that does.
func (b *Batcher[In, Out]) examine(w *worker[In, Out]) {
	var mine bool
	accuse := func(err error) { mine = mine || b.accuse(w, err) }
	if err := b.test(w, accuse); err != nil && b.life.Err() == nil {
		accuse(err)
	}
	if mine {
		b.revive(w)
	}
}

// accuse retires an executor that serves, and reports whether it did.
func (b *Batcher[In, Out]) accuse(w *worker[In, Out], err error) bool {
	b.mu.Lock()
	mine := w.makeSuspect()
	b.mu.Unlock()
	if mine {
		b.retire(w, err)
	}
	return mine
}
