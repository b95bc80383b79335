package door_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/door"
)

// visitor is both ends of a connection.
type visitor struct {
	*door.Conn
	there net.Conn
}

type entrance struct {
	t    *testing.T
	in   net.Listener
	door *door.Door
	log  *strings.Builder
}

func open(t *testing.T, limit int) *entrance {
	t.Helper()
	return shared(t, limit, 0)
}

func shared(t *testing.T, limit, share int) *entrance {
	t.Helper()
	raw, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	log := &strings.Builder{}
	d := door.New(door.Limits{Connections: limit, Share: share}, slog.New(slog.NewTextHandler(log, nil)))
	in := d.Listen(raw)
	t.Cleanup(func() { _ = in.Close() })
	return &entrance{t, in, d, log}
}

func (e *entrance) dial(from string) net.Conn {
	e.t.Helper()
	_, port, _ := net.SplitHostPort(e.in.Addr().String())
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	there, err := dialer.DialContext(e.t.Context(), "tcp", "127.0.0.1:"+port)
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = there.Close() })
	return there
}

func (e *entrance) come(from string) visitor {
	e.t.Helper()
	there := e.dial(from)
	here, err := e.in.Accept()
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = here.Close() })
	return visitor{here.(*door.Conn), there}
}

// left tells whether the server has closed the connection.
func (v visitor) left() bool {
	_, err := v.Read(make([]byte, 1))
	return errors.Is(err, net.ErrClosed)
}

func (e *entrance) stays(vs ...visitor) {
	e.t.Helper()
	for i, v := range vs {
		if _, err := v.there.Write([]byte{1}); err != nil || v.left() {
			e.t.Errorf("visitor %d has left: %v", i, err)
		}
	}
}

func (e *entrance) wants(open, strangers int, displaced, refused int64) {
	e.t.Helper()
	if s := e.door.Stats(); s.Open != open || s.Strangers != strangers || s.Displaced != displaced || s.Refused != refused {
		e.t.Errorf("%+v, want %d open, %d strangers, %d displaced, %d refused", s, open, strangers, displaced, refused)
	}
}

func TestStrangersLeaveForNewcomers(t *testing.T) {
	e := open(t, 3)
	known, first, second := e.come("127.0.0.1"), e.come("127.0.0.1"), e.come("127.0.0.1")
	known.Know("a caller")
	known.Know("a caller") // as at every call
	e.wants(3, 2, 0, 0)
	third := e.come("127.0.0.1")
	if !first.left() {
		t.Error("the first stranger is still there")
	}
	e.stays(known, second, third)
	e.wants(3, 2, 1, 0)
	if strings.Count(e.log.String(), "\n") != 1 || !strings.Contains(e.log.String(), "open=3") {
		t.Errorf("the log says %q", e.log)
	}
}

// A host that floods displaces its own: others who have just come keep their place.
func TestAHostDisplacesItsOwn(t *testing.T) {
	e := open(t, 3)
	other, own, own2 := e.come("127.0.0.9"), e.come("127.0.0.1"), e.come("127.0.0.1")
	last := e.come("127.0.0.1")
	if !own.left() {
		t.Error("its own first connection is still there")
	}
	e.stays(other, own2, last)
	if stranger := e.come("127.0.0.8"); !other.left() {
		t.Error("a newcomer of a third host displaced nobody, or not the first of all")
	} else {
		e.stays(own2, last, stranger)
	}
}

func TestWhoIsKnownNeverLeaves(t *testing.T) {
	e := open(t, 2)
	a, b := e.come("127.0.0.1"), e.come("127.0.0.1")
	a.Know("a caller")
	b.Know("a caller")
	late := e.dial("127.0.0.1") // to be refused by the next Accept, which waits for another
	accepted := make(chan net.Conn)
	go func() {
		c, _ := e.in.Accept()
		accepted <- c
	}()
	if _, err := io.ReadAll(late); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("a connection too many: %v", err)
	}
	e.stays(a, b)
	e.wants(2, 0, 0, 1)
	_ = a.Close()
	_ = a.Close() // counts once
	e.wants(1, 0, 0, 1)
	e.dial("127.0.0.1")
	if c := <-accepted; c == nil {
		t.Error("there is room again and nobody was let in")
	} else {
		_ = c.Close()
	}
}

// However many a caller opens, it is known on its share of them; the others are strangers',
// and leave for whoever comes. One that ends gives its place to another of the same caller.
func TestACallerHasAShare(t *testing.T) {
	e := shared(t, 4, 3)
	greedy := []visitor{e.come("127.0.0.1"), e.come("127.0.0.1"), e.come("127.0.0.1"), e.come("127.0.0.1")}
	for i, v := range greedy {
		if got := v.Know("greedy"); got != (i < 3) || v.Known() != got || v.Know("greedy") != got {
			t.Errorf("connection %d: known %v", i, got)
		}
	}
	e.wants(4, 1, 0, 0)
	other := e.come("127.0.0.2")
	if !greedy[3].left() {
		t.Error("nobody left for another caller")
	}
	if !other.Know("other") {
		t.Error("another caller has no share")
	}
	e.stays(append(greedy[:3], other)...)
	_, _ = greedy[0].Close(), greedy[0].Close() // counts once
	if late := e.come("127.0.0.1"); !late.Know("greedy") {
		t.Error("no place after one has ended")
	}
	_ = other.Close()
	if last := e.come("127.0.0.1"); last.Know("greedy") {
		t.Error("a place that another caller has left is the greedy one's")
	}
	e.wants(4, 1, 1, 0)
}

func TestNoLimit(t *testing.T) {
	e := open(t, 0)
	e.stays(e.come("127.0.0.1"), e.come("127.0.0.1"), e.come("127.0.0.1"))
	e.wants(3, 3, 0, 0)
}

func TestReliefTakesStrangersFirstThenWhoSentTheMost(t *testing.T) {
	e := open(t, 10)
	quiet, loud, stranger := e.come("127.0.0.1"), e.come("127.0.0.1"), e.come("127.0.0.1")
	quiet.Know("a caller")
	loud.Know("a caller")
	if _, err := loud.there.Write(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(loud, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if n := e.door.Relieve(); n != 1 || !stranger.left() {
		t.Fatalf("%d closed, not the stranger alone", n)
	}
	if n := e.door.Relieve(); n != 1 || !loud.left() {
		t.Fatalf("%d closed, not who sent the most", n)
	}
	e.stays(quiet)
	late := e.come("127.0.0.1")
	if n := e.door.Relieve(); n != 2 || !late.left() || !quiet.left() {
		t.Fatalf("%d closed: a stranger who comes keeps relief away from the others", n)
	}
	if s := e.door.Stats(); s.Relieved != 4 || s.Open != 0 {
		t.Errorf("%+v", s)
	}
}

// The address of a peer leads to its connection, and says what it said before.
func TestAnAddressLeadsToItsConnection(t *testing.T) {
	e := open(t, 1)
	v := e.come("127.0.0.1")
	if door.Of(v.RemoteAddr()) != v.Conn || door.Of(v.LocalAddr()) != nil || v.RemoteAddr().String() != v.there.LocalAddr().String() {
		t.Errorf("%v does not lead to its connection", v.RemoteAddr())
	}
	if v.Known() {
		t.Error("known at once")
	}
	if !v.Know("a caller") || !v.Known() {
		t.Error("not known")
	}
	var nobody *door.Conn
	if !nobody.Know("a caller") || !nobody.Known() || !nobody.Guest(0) {
		t.Error("a connection of no door has a limit")
	}
	nobody.Gone()
	if !v.Guest(1) || v.Guest(1) {
		t.Error("not exactly one guest is let in")
	}
	if v.Gone(); !v.Guest(1) {
		t.Error("no room after one has gone")
	}
}

// A peer that takes nothing holds a writer up for maxWrite and no longer: seen by the
// deadline, since a test does not wait.
func TestAWriteHasAnEnd(t *testing.T) {
	e := open(t, 1)
	v := e.come("127.0.0.1")
	watched := &deadlines{Conn: v.Conn.Conn}
	v.Conn.Conn = watched
	before := time.Now()
	if _, err := v.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if !watched.last.After(before) {
		t.Errorf("written with the deadline %v", watched.last)
	}
}

type deadlines struct {
	net.Conn
	last time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.last = t
	return d.Conn.SetWriteDeadline(t)
}
