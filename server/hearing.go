package server

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// What may be read of whoever is not asked who it is, and need not be much.
const (
	maxGuestsHeard = 8               // of all, whose messages are being read
	guestPatience  = 5 * time.Second // for one message
)

// hear bounds how long the message of a call takes to come. On a stream it may be long
// until the next one is written: who may open one is known, and has only so many.
func (s *Server) hear() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		l := leaseOf(ss.Context())
		switch {
		case isPublic(info.FullMethod):
			ss = &heard{ss, func() func() { return s.guests.enter(l) }}
		case isUnary(info):
			ss = &heard{ss, func() func() { return s.readers.enter(l) }}
		}
		return next(srv, ss)
	}
}

// within cancels the call after d, unless the function that it returns comes first.
func (l *lease) within(d time.Duration) (stop func()) {
	timer := time.AfterFunc(d, func() { l.cancel(errSlowMessage) })
	return func() { timer.Stop() }
}

// heard is a stream of which each message has to come in time.
type heard struct {
	grpc.ServerStream
	begin func() (end func())
}

// RecvMsg implements grpc.ServerStream. A message that is late, or that there is no memory
// for, ends the call: gRPC says CANCELLED to the client, the server's log why.
func (h *heard) RecvMsg(m any) error {
	defer h.begin()()
	err := h.ServerStream.RecvMsg(m)
	if cause := context.Cause(h.Context()); err != nil && (errors.Is(cause, errSlowMessage) || errors.Is(cause, errNoMemory)) {
		return refusalOf(cause)
	}
	return err
}

// lobby is where messages are read. Who finds it full takes the place of who has been there
// for the longest: an honest message is there at once.
type lobby struct {
	room     int           // 0: for all
	patience time.Duration // with one message

	mu     sync.Mutex
	inside list.List // of *lease, in the order in which they came
}

// enter lets l in until the function that it returns is called.
func (b *lobby) enter(l *lease) (leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.room > 0 && b.inside.Len() >= b.room {
		b.inside.Remove(b.inside.Front()).(*lease).cancel(errSlowMessage)
	}
	place, stop := b.inside.PushBack(l), l.within(b.patience)
	return func() {
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		b.inside.Remove(place) // nothing if it was put out
	}
}

// squeeze puts out who has been there for the longest until there are no more than so many.
func (b *lobby) squeeze(most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.inside.Len() > most {
		b.inside.Remove(b.inside.Front()).(*lease).cancel(errNoMemory)
	}
}

// squeeze is for when memory gets tight: what unfinished messages of callers come to shall
// be an eighth of it. When memory is full it is too late for that, as they come as fast as
// the line and all of it is alive.
func (s *Server) squeeze() {
	const part, few = 8, 8
	s.readers.squeeze(max(few, int(s.memory.Limit())/part/s.message))
}
