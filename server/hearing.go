package server

import (
	"errors"
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
		switch {
		case isPublic(info.FullMethod):
			ss = &heard{ss, s, &s.guests, info.FullMethod}
		case isUnary(info):
			ss = &heard{ss, s, &s.readers, info.FullMethod}
		}
		return next(srv, ss)
	}
}

// heard is a stream of which each message has to come in time.
type heard struct {
	grpc.ServerStream
	server *Server
	lobby  *lobby
	method string
}

// RecvMsg implements grpc.ServerStream. For a message that is late, or that there is no
// memory for, it returns why, and the handler MUST return too: gRPC's own reading, which
// nothing else ends than the end of the call, goes on in m until then.
func (h *heard) RecvMsg(m any) error {
	r := h.lobby.enter(visitOf(h.Context()).caller())
	defer h.lobby.leave(r)
	h.server.crew.Run(func() { r.ended <- h.read(m) })
	err := <-r.ended
	switch late := errors.Is(err, errSlowMessage) || errors.Is(err, errNoMemory); {
	case late, isRefusal(err) && isPublic(h.method):
		return h.server.turnAway(h.Context(), h.method, err)
	case isRefusal(err):
		return h.server.refuse(h.Context(), h.server.newText(h.Context(), h.method, nil), err)
	}
	return err
}

// read makes an error of a panic, as no interceptor guards its goroutine.
func (h *heard) read(m any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			h.server.logPanic(h.Context(), p)
			err = refusalOf(errPanic)
		}
	}()
	return h.ServerStream.RecvMsg(m)
}
