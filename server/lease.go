package server

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/tap"

	"github.com/portcullis-ai/portcullis/internal/door"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// calls counts the calls that are open, from their headers to their end: those on
// connections that are known, and those of strangers.
type calls struct {
	limit            int64 // 0: none
	known, strangers atomic.Int64
}

func (c *calls) open() int64 { return c.known.Load() + c.strangers.Load() }

// enter takes a place; nil is that there is none. Strangers have half of the places between
// them. However many they take, or take again, who is known finds the other half.
func (c *calls) enter(known bool) *chair {
	half := (c.limit + 1) / 2
	p := &chair{calls: c, stranger: !known}
	n := p.add(1)
	others := c.known.Load()
	if known {
		others = min(c.strangers.Load(), half)
	}
	if c.limit > 0 && (n+others > c.limit || !known && n > half) {
		p.leave()
		return nil
	}
	return p
}

// chair is the place of one call. It may be given back late, when it has been taken again:
// so it knows how often it is held, and changes sides with all of it.
type chair struct {
	calls    *calls
	mu       sync.Mutex
	stranger bool
	held     int64
}

// add counts it n times more, and returns what its kind holds then.
func (p *chair) add(n int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held += n
	return p.count().Add(n)
}

func (p *chair) count() *atomic.Int64 {
	if p.stranger {
		return &p.calls.strangers
	}
	return &p.calls.known
}

// know says that somebody calls who may, on a connection on which nobody had.
func (p *chair) know() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count().Add(-p.held)
	p.stranger = false
	p.count().Add(p.held)
}

func (p *chair) leave() { p.add(-1) }
func (p *chair) again() { p.add(1) }

// seat is where a call is counted: among all, or, of a public one, among the guests of its
// connection, so that a flood of neither kind stands in the way of the other.
type seat interface {
	know()
	leave()
	again() // over the limit if need be
}

// lease is a call's place among the others. It is given back once, and never too early:
//
//   - a call whose handler runs gives it back when the handler has returned, since it may
//     hold its message until then;
//   - any other, one that gRPC itself refuses or that was reset before its handler began,
//     when its context ends. gRPC ends the context of every stream that it let in, or has
//     found it ended: by the end of the call, a reset, a deadline, or with the connection.
type lease struct {
	seat    seat
	refused error
	keep    func() bool // keeps the end of the context from giving it back; false if it has
}

type leaseKey struct{}

// leaseOf is that of a call: every one has come through the tap.
func leaseOf(ctx context.Context) *lease {
	l, _ := ctx.Value(leaseKey{}).(*lease)
	return l
}

// hold keeps the place until it is let go of. One that was given back is taken again: the
// handler is there.
func (l *lease) hold() (letGo func()) {
	if !l.keep() {
		l.seat.again()
	}
	return l.seat.leave
}

// tap is asked by the reader of a connection before a stream is made, with the connection's
// lock held: it counts, and waits for nothing. Who calls is asked later.
func (s *Server) tap(ctx context.Context, info *tap.Info) (context.Context, error) {
	p, err := s.room(ctx, info.FullMethodName)
	if err != nil { // said by the handler: after an error of a tap gRPC never ends the context, nor its timer
		return context.WithValue(ctx, leaseKey{}, &lease{refused: s.turnAway(ctx, info.FullMethodName, err)}), nil
	}
	l := &lease{seat: p}
	ctx = context.WithValue(ctx, leaseKey{}, l)
	l.keep = context.AfterFunc(ctx, p.leave)
	return ctx, nil
}

// room takes a place for one more call.
func (s *Server) room(ctx context.Context, method string) (seat, error) {
	conn := connOf(ctx)
	if !conn.Known() && conn.Indebted() { // honest callers owe much for a moment, when many answers come at once
		return nil, errUntaken
	}
	if isPublic(method) {
		g := guest{conn}
		if !g.conn.Guest(maxGuests) {
			return nil, errManyGuests
		}
		return g, nil
	}
	if s.memory.Full() {
		return nil, errNoMemory
	}
	if p := s.calls.enter(conn.Known()); p != nil {
		return p, nil
	}
	return nil, errManyCalls
}

// guest is the place of a public call. A connection has few of them: clients have one watch
// on it, balancers and kubelets ask one question after another.
type guest struct{ conn *door.Conn }

const maxGuests = 4

func (g guest) know()  {} // who asks such a thing is nobody
func (g guest) leave() { g.conn.Gone() }
func (g guest) again() { g.conn.Guest(math.MaxInt32) }

// connOf is the connection of a call; nil if no door let it in.
func connOf(ctx context.Context) *door.Conn {
	if p, ok := peer.FromContext(ctx); ok {
		return door.Of(p.Addr)
	}
	return nil
}

// turnAway counts and logs a call that has no place, as refuse does for others; it is not
// recorded, which might take time.
func (s *Server) turnAway(ctx context.Context, method string, err error) error {
	r := refusalOf(err)
	s.metrics.Refused(r.reason, 0)
	if s.complaints.allow() {
		const enough = 128 // bytes of a name that may be none
		s.log.LogAttrs(ctx, slog.LevelWarn, "call refused", slog.String("method", method[:min(len(method), enough)]), slog.String("reason", r.reason))
	}
	return r
}

// relieve lets go of connections because memory is full.
func (s *Server) relieve() {
	n := s.door.Relieve()
	s.log.LogAttrs(context.Background(), slog.LevelError, "memory is full: connections closed", slog.Int("closed", n), slog.Int64("limit", s.memory.Limit()))
}

// edge tells what callers hold.
func (s *Server) edge() metrics.EdgeStats {
	d := s.door.Stats()
	return metrics.EdgeStats{
		Connections: d.Open, Strangers: d.Strangers, Displaced: d.Displaced, Refused: d.Refused, Relieved: d.Relieved, Unread: d.Unread,
		Calls: s.calls.open(), MemoryLimit: s.memory.Limit(), MemoryFull: s.memory.Full(),
	}
}
