package door

import (
	"container/list"
	"net"
	"sync/atomic"
	"time"
)

// maxWrite is how long a peer may take nothing of what is written to it.
const maxWrite = 20 * time.Second

// Conn is a connection that a Door let in. Its peer's address leads back to it: see Of.
type Conn struct {
	net.Conn
	door   *Door
	host   string
	sent   atomic.Int64 // bytes of the peer, half of them forgotten every halfLife
	forgot time.Time    // when that was last; Read's alone
	guests atomic.Int32
	debt   debt
	known  atomic.Bool // written under the door's lock

	caller        string        // whose it is once it is known, under the door's lock
	inAll, inHost *list.Element // of the door's strangers, under its lock; nil once it is known
}

// Of returns the connection that an address is the remote end of; nil if no Door let it in.
func Of(a net.Addr) *Conn {
	if end, ok := a.(address); ok {
		return end.conn
	}
	return nil
}

type address struct {
	net.Addr
	conn *Conn
}

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return address{c.Conn.RemoteAddr(), c} }

// Know says that caller calls on it, who may. The first to do so has it counted as its own,
// and it leaves for nobody from now on. It is false, and the connection stays a stranger's,
// if that caller has as many as it may. A nil Conn counts for nobody.
func (c *Conn) Know(caller string) bool {
	return c == nil || c.known.Load() || c.door.know(c, caller)
}

// Known tells whether somebody is. A nil Conn always is.
func (c *Conn) Known() bool { return c == nil || c.known.Load() }

// Guest counts in a call of somebody who need not be known, if that makes at most limit of
// them. It is counted out by Gone. On a nil Conn there is room for all.
func (c *Conn) Guest(limit int32) bool {
	if c == nil {
		return true
	}
	if c.guests.Add(1) > limit {
		c.guests.Add(-1)
		return false
	}
	return true
}

// Gone counts one out that Guest counted in.
func (c *Conn) Gone() {
	if c != nil {
		c.guests.Add(-1)
	}
}

// Read implements net.Conn. Like gRPC it is called by one goroutine.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.weigh(n, time.Now())
	return n, err
}

// halfLife is how long it takes until half of what a peer has sent is forgotten. One that
// goes on sending weighs what it sent lately; one that falls silent keeps its weight, as it
// may wait with all of it unfinished.
const halfLife = 5 * time.Second

func (c *Conn) weigh(n int, now time.Time) {
	if lives := now.Sub(c.forgot) / halfLife; lives > 0 {
		c.sent.Store(c.sent.Load() >> min(lives, 63))
		c.forgot = now
	}
	c.sent.Add(int64(n))
}

// Write implements net.Conn. It fails when the peer has not taken all of p after maxWrite.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := 0, c.SetWriteDeadline(time.Now().Add(maxWrite))
	if err == nil {
		n, err = c.Conn.Write(p)
	}
	if err != nil {
		_ = c.Close() // gRPC's writer ends without closing: its reader is to see it
	}
	return n, err
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.door.leave(c)
	return c.Conn.Close()
}
