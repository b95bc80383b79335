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
	paid  atomic.Int64 // of all that there ever was

	mu  sync.Mutex
	due *time.Timer // runs while it is more than may be; nil otherwise
	had int64       // paid when due was set
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
	c.debt.paid.Add(int64(n))
	if c.debt.bytes.Add(int64(-n))+int64(n) > c.mayOwe() {
		c.settle()
	}
}

// Indebted tells whether the peer owes more than it may. When it has for maxWrite, and has
// taken less than it may owe meanwhile, it is closed: one that takes much at a time on a slow
// line owes much all the time.
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
		c.watch()
	case !over && c.debt.due != nil:
		c.debt.due.Stop()
		c.debt.due = nil
	}
}

func (c *Conn) watch() {
	c.debt.had = c.debt.paid.Load()
	c.debt.due = time.AfterFunc(maxWrite, c.collect)
}

// collect closes it if it is stuck.
func (c *Conn) collect() {
	if c.stuck() && c.door.overdue(c) {
		_ = c.Close() // whatever it says: it is gone
	}
}

// stuck tells whether the peer still owes too much, as who has become known may owe more, and
// took too little. One that took enough has the same time again.
func (c *Conn) stuck() bool {
	c.debt.mu.Lock()
	defer c.debt.mu.Unlock()
	c.debt.due = nil
	switch took := c.debt.paid.Load() - c.debt.had; {
	case !c.Indebted():
		return false
	case took >= c.mayOwe():
		c.watch()
		return false
	}
	return true
}
