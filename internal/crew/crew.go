// Package crew runs functions on goroutines that are kept from one to the next: the stack
// of a new one has to grow before a text is judged on it, which costs microseconds.
package crew

import "sync"

// Crew runs functions. Whoever was idle last is asked first, as its stack is warm. There
// is no queue: what finds nobody idle gets a goroutine of its own, so a function that
// hangs holds up no other. It is safe for concurrent use.
type Crew struct {
	most int // goroutines that wait for something to do
	all  sync.WaitGroup

	mu     sync.Mutex // guards what follows
	idle   []chan func()
	closed bool
}

// New returns a crew that keeps so many goroutines at most, and begins with none. Close
// ends it.
func New(most int) *Crew { return &Crew{most: most} }

// Run runs f soon and does not wait for it. f MUST NOT panic.
func (c *Crew) Run(f func()) {
	if next := c.pick(); next != nil {
		next <- f
		return
	}
	c.all.Go(func() { c.work(f) })
}

// pick takes one that is idle; nil if there is none.
func (c *Crew) pick() chan<- func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.idle) - 1
	if n < 0 {
		return nil
	}
	next := c.idle[n]
	c.idle = c.idle[:n]
	return next
}

// work is the life of a goroutine: its first function, then others as long as it is kept.
func (c *Crew) work(f func()) {
	next := make(chan func(), 1) // has room, so that Run never waits
	for f != nil {
		f()
		if !c.wait(next) {
			return
		}
		f = <-next
	}
}

// wait puts next among the idle; it is false if its goroutine is not to be kept.
func (c *Crew) wait(next chan func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.idle) >= c.most {
		return false
	}
	c.idle = append(c.idle, next)
	return true
}

// Close waits until every function has returned and every goroutine has ended. Run MUST
// NOT be called any more.
func (c *Crew) Close() {
	c.mu.Lock()
	c.closed = true
	for _, next := range c.idle {
		close(next)
	}
	c.idle = nil
	c.mu.Unlock()
	c.all.Wait()
}
