// Package door bounds how many connections there are. Whoever connects is a stranger until
// it is known; when there is no room, a stranger leaves for a newcomer, and one that is
// known never does. So connections that only stand there lock nobody out. Nor does one
// caller: beyond its share its connections stay strangers'.
package door

import (
	"cmp"
	"container/list"
	"context"
	"log/slog"
	"math"
	"net"
	"slices"
	"sync"
	"time"
)

// Door counts the connections of all listeners that it was given. It is safe for
// concurrent use.
type Door struct {
	limits Limits
	log    *slog.Logger

	mu        sync.Mutex
	open      map[*Conn]struct{}
	callers   map[string]int // how many of these are known as whose
	strangers crowd
	stats     Stats
	said      time.Time // when a line was last written
	relieved  time.Time // when relief was last asked for
}

// Limits of a door. 0 is no limit.
type Limits struct {
	Connections int   // of all
	Share       int   // of them of one caller
	Debt        int64 // in bytes, what one may owe on which somebody is known
}

// Stats is what a door has done.
type Stats struct {
	Open, Strangers int
	// Displaced strangers left for newcomers, Refused newcomers found no stranger to leave
	// for them, Relieved connections were closed for their memory, and Unread ones as they
	// did not take what they had asked for.
	Displaced, Refused, Relieved, Unread int64
}

// New returns a door that holds its connections to limits.
func New(limits Limits, log *slog.Logger) *Door {
	if limits.Debt == 0 {
		limits.Debt = math.MaxInt64
	}
	return &Door{limits: limits, log: log, open: make(map[*Conn]struct{}), callers: make(map[string]int), strangers: newCrowd()}
}

// Stats tells what is and what was.
func (d *Door) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stats
	s.Open, s.Strangers = len(d.open), d.strangers.all.Len()
	return s
}

// Listen passes on the connections of l that there is room for, each a *Conn.
func (d *Door) Listen(l net.Listener) net.Listener { return listener{l, d} }

type listener struct {
	net.Listener
	door *Door
}

// Accept implements net.Listener. It never waits for room.
func (l listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.door.admit(raw); c != nil {
			return c, nil
		}
	}
}

// admit lets raw in, or closes it and returns nil.
func (d *Door) admit(raw net.Conn) *Conn {
	c := &Conn{Conn: raw, door: d, host: hostOf(raw.RemoteAddr()), forgot: time.Now()}
	leaving, ok := d.enter(c)
	if !ok {
		_ = raw.Close() // it was never used
		return nil
	}
	if leaving != nil {
		_ = leaving.Close() // whatever it says: it is gone
	}
	giveUpAfter(raw, maxWrite)
	return c
}

// enter counts c in. Where there was no room, the stranger that is returned must be closed
// for it; ok is false where there is none.
func (d *Door) enter(c *Conn) (leaving *Conn, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.limits.Connections > 0 && len(d.open) >= d.limits.Connections {
		d.crowded()
		if leaving = d.strangers.displacedBy(c.host); leaving == nil {
			d.stats.Refused++
			return nil, false
		}
		d.forget(leaving)
		d.stats.Displaced++
	}
	d.open[c] = struct{}{}
	d.strangers.add(c)
	return leaving, true
}

// crowded says so, once in ten seconds.
func (d *Door) crowded() {
	const pause = 10 * time.Second
	if time.Since(d.said) < pause {
		return
	}
	d.said = time.Now()
	d.log.LogAttrs(context.Background(), slog.LevelWarn, "as many connections as there may be: strangers make room", slog.Int("open", len(d.open)),
		slog.Int("strangers", d.strangers.all.Len()), slog.Int64("displaced", d.stats.Displaced), slog.Int64("refused", d.stats.Refused))
}

// forget counts c out, once.
func (d *Door) forget(c *Conn) {
	if _, there := d.open[c]; !there {
		return
	}
	delete(d.open, c)
	d.strangers.remove(c)
	if c.known.Load() {
		d.disown(c.caller)
	}
}

func (d *Door) disown(caller string) {
	if d.callers[caller]--; d.callers[caller] == 0 {
		delete(d.callers, caller)
	}
}

// overdue counts out a connection that is to be closed because it takes nothing; false is
// that it has been closed already.
func (d *Door) overdue(c *Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, there := d.open[c]; !there {
		return false
	}
	d.forget(c)
	d.stats.Unread++
	return true
}

func (d *Door) leave(c *Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(c)
}

// know makes c the caller's; false is that it has enough of them. One that has been closed
// meanwhile is nobody's: what is called on it ends by itself.
func (d *Door) know(c *Conn, caller string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, there := d.open[c]; !there || c.known.Load() {
		return true
	}
	if d.limits.Share > 0 && d.callers[caller] >= d.limits.Share {
		return false
	}
	d.callers[caller]++
	d.strangers.remove(c)
	c.caller = caller
	c.known.Store(true)
	return true
}

// Relieve closes connections because there is no memory for what they hold: all strangers
// and, where there is none or that was not enough a moment ago, those that have sent the
// most lately and owe the most. It returns how many.
func (d *Door) Relieve() int {
	closing := d.heaviest()
	for _, c := range closing {
		_ = c.Close() // whatever it says: it is gone
	}
	return len(closing)
}

func (d *Door) heaviest() (out []*Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	again := time.Since(d.relieved) < episode
	d.relieved = time.Now()
	for e := d.strangers.all.Front(); e != nil; e = d.strangers.all.Front() {
		c := e.Value.(*Conn)
		d.forget(c)
		out = append(out, c)
	}
	if len(out) == 0 || again {
		for _, c := range d.greediest() {
			d.forget(c)
			out = append(out, c)
		}
	}
	d.stats.Relieved += int64(len(out))
	return out
}

// episode is how long after a relief the next one counts as its continuation. Strangers come
// all the time, honest ones too, and must not keep the others from being asked.
const episode = time.Second

// greediest are the connections that have sent and owe the most, as many as it takes to
// have half of what all have.
func (d *Door) greediest() (out []*Conn) {
	type weight struct {
		conn *Conn
		held int64
	}
	var all []weight
	var sum int64
	for c := range d.open {
		w := weight{c, c.sent.Load() + c.debt.bytes.Load()}
		all, sum = append(all, w), sum+w.held
	}
	slices.SortFunc(all, func(a, b weight) int { return cmp.Compare(b.held, a.held) })
	for had := int64(0); len(all) > 0 && 2*had <= sum; all = all[1:] {
		out, had = append(out, all[0].conn), had+all[0].held
	}
	return out
}

// crowd is who is not known: in the order in which they came, and the same by host.
type crowd struct {
	all  *list.List
	from map[string]*list.List
}

func newCrowd() crowd { return crowd{list.New(), make(map[string]*list.List)} }

func (w crowd) add(c *Conn) {
	if w.from[c.host] == nil {
		w.from[c.host] = list.New()
	}
	c.inAll, c.inHost = w.all.PushBack(c), w.from[c.host].PushBack(c)
}

// remove takes c out if it is there.
func (w crowd) remove(c *Conn) {
	if c.inAll == nil {
		return
	}
	w.all.Remove(c.inAll)
	w.from[c.host].Remove(c.inHost)
	if w.from[c.host].Len() == 0 {
		delete(w.from, c.host)
	}
	c.inAll, c.inHost = nil, nil
}

// displacedBy is who leaves for a newcomer: the first that came from its own host, so that
// a host that floods displaces its own, else the first of all; nil if nobody is there.
func (w crowd) displacedBy(host string) *Conn {
	if own := w.from[host]; own != nil {
		return own.Front().Value.(*Conn)
	}
	if first := w.all.Front(); first != nil {
		return first.Value.(*Conn)
	}
	return nil
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String() // of a network without ports
	}
	return host
}
