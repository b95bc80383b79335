package server

import (
	"context"
	"strings"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
)

// requestIDHeader carries the id of a call, in and out.
const requestIDHeader = "x-request-id"

// identify gives every call an id, the caller's own if it sent a usable one, and
// sends it back: with the headers, or, of a call of one message that failed, with the
// trailers. A client that has seen headers does not try again by itself.
func (s *Server) identify() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		v := &visit{requestID: s.newRequestID(ss.Context()), peer: peerOf(ss.Context())}
		if !isUnary(info) { // of the others oneMessage does
			if err := ss.SetHeader(v.header()); err != nil {
				return err
			}
		}
		err := next(srv, &middleware.WrappedServerStream{ServerStream: ss, WrappedContext: context.WithValue(ss.Context(), visitKey{}, v)})
		if err != nil && isUnary(info) {
			ss.SetTrailer(v.header())
		}
		return err
	}
}

// newRequestID takes the caller's id only if it could not break a log line.
func (s *Server) newRequestID(ctx context.Context) string {
	sent := metadata.ValueFromIncomingContext(ctx, requestIDHeader)
	if len(sent) == 1 && len(sent[0]) >= 1 && len(sent[0]) <= 128 && !strings.ContainsFunc(sent[0], notInID) {
		return sent[0]
	}
	return s.newID()
}

func notInID(r rune) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"
	return !strings.ContainsRune(alphabet, r)
}

// endWaits ends health watches when the server drains. They wait for changes of
// status as long as their client likes, and would hold up the shutdown.
func (s *Server) endWaits() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		if info.FullMethod != healthpb.Health_Watch_FullMethodName {
			return next(srv, ss)
		}
		ctx, cancel := context.WithCancel(ss.Context())
		defer cancel()
		defer context.AfterFunc(s.accepting, cancel)()
		return next(srv, &middleware.WrappedServerStream{ServerStream: ss, WrappedContext: ctx})
	}
}
