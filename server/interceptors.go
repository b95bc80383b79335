package server

import (
	"context"
	"slices"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// layers lists what is around every call, outermost first. To them a call of one message
// is a stream that has only one, not read yet; see registrar. A stream is one call here,
// however many texts it carries: what belongs to a text is in road.go.
func (s *Server) layers() []grpc.StreamServerInterceptor {
	return []grpc.StreamServerInterceptor{
		s.identify(),     // first, so that all that follows can name the call
		s.measure(),      // before whatever may refuse a call, so that refusals count too
		s.logCalls(),     // inside the metrics, so that a slow log shows in them
		s.pushBack(),     // outside of all that may say "later"
		s.recover(),      // inside the log and the metrics, so that they see a panic as the INTERNAL it becomes
		s.authenticate(), // before whatever costs anything, and whatever asks who calls
		s.count(),        // inside, so that calls are counted for who is known to call
		s.hear(),         // inside: who may not call, or has too many calls, is not listened to
		s.endWaits(),     // last: only what waits for nothing but an end is ended early
	}
}

// within puts the layers around a handler.
func within(layers []grpc.StreamServerInterceptor, info *grpc.StreamServerInfo, handler grpc.StreamHandler) grpc.StreamHandler {
	for _, layer := range slices.Backward(layers) {
		inner := handler
		handler = func(srv any, ss grpc.ServerStream) error { return layer(srv, ss, info, inner) }
	}
	return handler
}

// isUnary tells a call of one message and one answer.
func isUnary(info *grpc.StreamServerInfo) bool { return !info.IsClientStream && !info.IsServerStream }

// measure counts calls by method and code. Only registered methods come here, so
// the method is safe as a label.
func (s *Server) measure() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		began := time.Now()
		err := next(srv, ss)
		s.metrics.Call(info.FullMethod, status.Code(err).String())
		if isUnary(info) {
			s.metrics.UnaryTook(info.FullMethod, visitOf(ss.Context()).since(began))
		}
		return err
	}
}

// recover makes an error of a panic of a handler. The goroutines that handlers
// start are not covered: they have their own.
func (s *Server) recover() grpc.StreamServerInterceptor {
	return recovery.StreamServerInterceptor(recovery.WithRecoveryHandlerContext(func(ctx context.Context, p any) error {
		s.logPanic(ctx, p)
		return refusalOf(errPanic)
	}))
}
