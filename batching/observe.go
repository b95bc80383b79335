package batching

import "time"

// Option is a Go value that a Batcher is built with, where Config is data.
type Option func(*options)

type options struct{ observer Observer }

// WithObserver sets the hooks that tell what the batcher does.
func WithObserver(o Observer) Option {
	return func(opts *options) { opts.observer = o }
}

// Observer is told what happens, for metrics. Hooks may be nil. They are called
// from the batcher's goroutines, several at once, without its lock, and hold up
// the slot that calls them: they MUST be quick, MUST NOT panic and MUST NOT call Shutdown.
type Observer struct {
	// BatchDone is called after the callers of a batch have their answers.
	BatchDone func(BatchStats)
	// Tested is called after every self-test that was not cut off by Shutdown, with
	// the reason if it failed.
	Tested func(executor string, err error)
	// Health is called with the reason when an executor is retired, and with nil
	// when it is back. For one executor the calls come one after another.
	Health func(executor string, err error)
}

// BatchStats describes one batch that has run.
type BatchStats struct {
	Executor string
	Items    int
	Calls    int           // whose items they were
	Longest  int           // largest size of an item
	Size     int           // sum of sizes
	Cost     int           // by the executor's Cost; Cost/Size is the padding factor
	Waited   time.Duration // of the item that waited longest
	Took     time.Duration // Run
	Err      error         // what its callers got, if it failed
}

func newOptions(opts []Option) options {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	if o.observer.BatchDone == nil {
		o.observer.BatchDone = func(BatchStats) {}
	}
	if o.observer.Tested == nil {
		o.observer.Tested = func(string, error) {}
	}
	if o.observer.Health == nil {
		o.observer.Health = func(string, error) {}
	}
	return o
}

// Stats is the batcher at one moment.
type Stats struct {
	Calls       int // admitted and not answered
	QueuedItems int
	QueuedCost  int
	// Drain is about how long the executors need for what is queued, the figure
	// to scale on. It is zero when nothing is.
	Drain     time.Duration
	Executors []ExecutorStats // in the order given to New
}

// ExecutorStats is one executor at one moment.
type ExecutorStats struct {
	Name  string
	Alive bool // not retired
	Busy  int  // slots that run a batch
}

// Stats returns a consistent snapshot.
func (b *Batcher[In, Out]) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Stats{Calls: b.open, QueuedItems: b.queue.items, QueuedCost: b.queue.cost}
	if s.QueuedCost > 0 {
		s.Drain = b.drainTime()
	}
	for _, w := range b.workers {
		e := ExecutorStats{Name: w.Name, Alive: w.state != retired}
		for _, slot := range w.slots {
			if len(slot.batch) > 0 {
				e.Busy++
			}
		}
		s.Executors = append(s.Executors, e)
	}
	return s
}
