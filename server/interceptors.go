package server

import (
	"context"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// interceptor is one layer around every call, in both of gRPC's forms. A nil
// unary leaves unary calls alone.
type interceptor struct {
	unary  grpc.UnaryServerInterceptor
	stream grpc.StreamServerInterceptor
}

// interceptors lists what is around every call, outermost first. A stream is one
// call here, however many texts it carries: what belongs to a text is in road.go.
func (s *Server) interceptors() (unary []grpc.UnaryServerInterceptor, stream []grpc.StreamServerInterceptor) {
	layers := []interceptor{
		s.identify(),     // first, so that all that follows can name the call
		s.measure(),      // before whatever may refuse a call, so that refusals count too
		s.logCalls(),     // inside the metrics, so that a slow log shows in them
		s.pushBack(),     // outside of all that may say "later"
		s.recover(),      // inside the log and the metrics, so that they see a panic as the INTERNAL it becomes
		s.authenticate(), // before whatever costs anything, and whatever asks who calls
		s.count(),        // inside, so that streams are counted for who is known to call
		s.endWaits(),     // last: only what waits for nothing but an end is ended early
	}
	for _, l := range layers {
		if l.unary != nil {
			unary = append(unary, l.unary)
		}
		stream = append(stream, l.stream)
	}
	return unary, stream
}

// measure counts calls by method and code. Only registered methods come here, so
// the method is safe as a label.
func (s *Server) measure() interceptor {
	ended := func(method string, err error) { s.metrics.Call(method, status.Code(err).String()) }
	return interceptor{
		unary: func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			began := time.Now()
			out, err := next(ctx, req)
			ended(info.FullMethod, err)
			s.metrics.UnaryTook(info.FullMethod, time.Since(began))
			return out, err
		},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			err := next(srv, ss)
			ended(info.FullMethod, err)
			return err
		},
	}
}

// recover makes an error of a panic of a handler. The goroutines that handlers
// start are not covered: they have their own.
func (s *Server) recover() interceptor {
	handler := recovery.WithRecoveryHandlerContext(func(ctx context.Context, p any) error {
		s.logPanic(ctx, p)
		return refusalOf(errPanic)
	})
	return interceptor{recovery.UnaryServerInterceptor(handler), recovery.StreamServerInterceptor(handler)}
}
