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
// sends it back: with the headers, or, of a unary call that failed, with the trailers.
// A client that has seen headers does not try again by itself.
func (s *Server) identify() interceptor {
	name := func(ctx context.Context) (context.Context, metadata.MD) {
		id := s.newRequestID(ctx)
		ctx = context.WithValue(ctx, visitKey{}, &visit{requestID: id, peer: peerOf(ctx)})
		return ctx, metadata.Pairs(requestIDHeader, id)
	}
	return interceptor{
		unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			ctx, id := name(ctx)
			out, err := next(ctx, req)
			if err != nil {
				_ = grpc.SetTrailer(ctx, id) // fails only where there is no call any more
				return nil, err
			}
			return out, grpc.SetHeader(ctx, id)
		},
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			ctx, header := name(ss.Context())
			if err := ss.SetHeader(header); err != nil {
				return err
			}
			return next(srv, &middleware.WrappedServerStream{ServerStream: ss, WrappedContext: ctx})
		},
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
func (s *Server) endWaits() interceptor {
	return interceptor{
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			if info.FullMethod != healthpb.Health_Watch_FullMethodName {
				return next(srv, ss)
			}
			ctx, cancel := context.WithCancel(ss.Context())
			defer cancel()
			defer context.AfterFunc(s.accepting, cancel)()
			return next(srv, &middleware.WrappedServerStream{ServerStream: ss, WrappedContext: ctx})
		},
	}
}
