package door

import (
	"sync"
	"sync/atomic"
	"time"
)

// strangersOwe is what a connection on which nobody is known may owe, in bytes.
const strangersOwe = 64 << 10

// debt is what a peer was answered and has not taken, in bytes. What its window has no room
// for is held by gRPC, also when the call has long ended.
type debt struct {
	bytes atomic.Int64

	mu  sync.Mutex
	due *time.Timer // runs while it is more than may be; nil otherwise
}

// Owe counts n bytes in that are to be written to the peer. On a nil Conn nothing counts.
func (c *Conn) Owe(n int) {
	if c == nil {
		return
	}
	if c.debt.bytes.Add(int64(n)); c.Indebted() {
		c.settle()
	}
}

// Pay counts n bytes out that were written, or that nobody wants any more.
func (c *Conn) Pay(n int) {
	if c == nil {
		return
	}
	if c.debt.bytes.Add(int64(-n))+int64(n) > c.mayOwe() {
		c.settle()
	}
}

// Indebted tells whether the peer owes more than it may: nothing more should be done for it.
// After maxWrite of that it is closed.
func (c *Conn) Indebted() bool { return c != nil && c.debt.bytes.Load() > c.mayOwe() }

func (c *Conn) mayOwe() int64 {
	if c.Known() {
		return c.door.limits.Debt
	}
	return min(strangersOwe, c.door.limits.Debt)
}

// settle starts the time that the peer has, or stops it.
func (c *Conn) settle() {
	c.debt.mu.Lock()
	defer c.debt.mu.Unlock()
	switch over := c.Indebted(); {
	case over && c.debt.due == nil:
		c.debt.due = time.AfterFunc(maxWrite, c.collect)
	case !over && c.debt.due != nil:
		c.debt.due.Stop()
		c.debt.due = nil
	}
}

// collect closes it if the peer still owes too much: who has become known may owe more.
func (c *Conn) collect() {
	c.debt.mu.Lock()
	c.debt.due = nil
	c.debt.mu.Unlock()
	if c.Indebted() {
		c.door.overdue()
		_ = c.Close() // whatever it says: it is gone
	}
}
