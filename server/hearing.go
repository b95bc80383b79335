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
			ss = &heard{ss, func() func() { return s.lobby.enter(l) }}
		case isUnary(info):
			ss = &heard{ss, func() func() { return l.within(s.cfg.MaxDeadline) }}
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

// RecvMsg implements grpc.ServerStream. A message that is late ends the call: gRPC says
// CANCELLED to the client, the server's log why.
func (h *heard) RecvMsg(m any) error {
	defer h.begin()()
	err := h.ServerStream.RecvMsg(m)
	if err != nil && errors.Is(context.Cause(h.Context()), errSlowMessage) {
		return refusalOf(errSlowMessage)
	}
	return err
}

// lobby is where messages of strangers are read, few at a time. Who finds it full takes the
// place of who has been there for the longest: an honest message is there at once.
type lobby struct {
	mu     sync.Mutex
	inside list.List // of *lease, in the order in which they came
}

// enter lets l in until the function that it returns is called.
func (b *lobby) enter(l *lease) (leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inside.Len() >= maxGuestsHeard {
		b.inside.Remove(b.inside.Front()).(*lease).cancel(errSlowMessage)
	}
	place, stop := b.inside.PushBack(l), l.within(guestPatience)
	return func() {
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		b.inside.Remove(place) // nothing if it was put out
	}
}
