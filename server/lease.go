package server

import (
	"context"
	"log/slog"
	"sync/atomic"

	"google.golang.org/grpc/tap"

	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// calls counts the calls that are open, strangers' too, from their headers to their end.
// Those that are public have bounds of their own; see guests.
type calls struct {
	limit int64 // 0: none
	open  atomic.Int64
}

func (c *calls) enter() bool {
	if n := c.open.Add(1); c.limit > 0 && n > c.limit {
		c.open.Add(-1)
		return false
	}
	return true
}

func (c *calls) leave() { c.open.Add(-1) }

// lease is a call's place among the others. It is given back once, and never too early:
//
//   - a call whose handler runs gives it back when the handler has returned, since it may
//     hold its message until then;
//   - any other, one of an unknown method or one that was reset before its handler began,
//     when its context ends. gRPC ends the context of every stream that it let in, or has
//     found it ended: by the end of the call, a reset, a deadline, or with the connection.
type lease struct {
	calls  *calls // nil: the call is not counted
	cancel context.CancelCauseFunc
	keep   func() bool // keeps the end of the context from giving it back; false if it has
}

type leaseKey struct{}

// leaseOf is that of a call; of one that no tap has seen it holds nothing.
func leaseOf(ctx context.Context) *lease {
	if l, ok := ctx.Value(leaseKey{}).(*lease); ok {
		return l
	}
	return &lease{cancel: func(error) {}}
}

// hold keeps the place until it is let go of. One that was given back is taken again, over
// the limit if need be: the handler is there.
func (l *lease) hold() (letGo func()) {
	if l.calls == nil {
		return func() {}
	}
	if !l.keep() {
		l.calls.open.Add(1)
	}
	return l.calls.leave
}

// tap is asked by the reader of a connection before a stream is made, with the connection's
// lock held: it counts, and waits for nothing. Who calls is asked later.
func (s *Server) tap(ctx context.Context, info *tap.Info) (context.Context, error) {
	l := &lease{}
	if !isPublic(info.FullMethodName) {
		if err := s.room(); err != nil {
			return ctx, s.turnAway(ctx, info.FullMethodName, err)
		}
		l.calls = &s.calls
	}
	ctx, l.cancel = context.WithCancelCause(context.WithValue(ctx, leaseKey{}, l))
	l.keep = func() bool { return true }
	if l.calls != nil {
		l.keep = context.AfterFunc(ctx, l.calls.leave)
	}
	return ctx, nil
}

// room takes a place for one more call.
func (s *Server) room() error {
	switch {
	case s.memory.Full():
		return errNoMemory
	case !s.calls.enter():
		return errManyCalls
	default:
		return nil
	}
}

// turnAway counts and logs a call that has no place, as refuse does for others; it is not
// recorded, which might take time.
func (s *Server) turnAway(ctx context.Context, method string, err error) error {
	r := refusalOf(err)
	s.metrics.Refused(r.reason, 0)
	if s.complaints.allow() {
		s.log.LogAttrs(ctx, slog.LevelWarn, "call refused", slog.String("method", method), slog.String("reason", r.reason))
	}
	return r
}

// relieve lets go of connections because memory is full.
func (s *Server) relieve() {
	n := s.door.Relieve()
	s.log.LogAttrs(s.accepting, slog.LevelError, "memory is full: connections closed", slog.Int("closed", n), slog.Int64("limit", s.memory.Limit()))
}

// edge tells what callers hold.
func (s *Server) edge() metrics.EdgeStats {
	d := s.door.Stats()
	return metrics.EdgeStats{
		Connections: d.Open, Strangers: d.Strangers, Displaced: d.Displaced, Refused: d.Refused, Relieved: d.Relieved,
		Calls: s.calls.open.Load(), MemoryLimit: s.memory.Limit(), MemoryFull: s.memory.Full(),
	}
}
