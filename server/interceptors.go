package server

import (
	"context"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// interceptor is one layer around every call, in both of gRPC's forms.
type interceptor struct {
	unary  grpc.UnaryServerInterceptor
	stream grpc.StreamServerInterceptor
}

// interceptors lists what is around every call, outermost first. A stream is one
// call here, however many texts it carries: what belongs to a text is in road.go.
func (s *Server) interceptors() (unary []grpc.UnaryServerInterceptor, stream []grpc.StreamServerInterceptor) {
	layers := []interceptor{
		s.identify(), // first, so that all that follows can name the call
		s.measure(),  // before whatever may refuse a call, so that refusals count too
		s.logCalls(), // inside the metrics, so that a slow log shows in them
		s.recover(),  // inside both, so that they see a panic as the INTERNAL it becomes
		s.endWaits(), // last: only what waits for nothing but an end is ended early
	}
	for _, l := range layers {
		unary = append(unary, l.unary)
		stream = append(stream, l.stream)
	}
	return unary, stream
}

// measure counts calls by method and code. Only registered methods come here, so
// the method is safe as a label.
func (s *Server) measure() interceptor {
	return reporting(func(ctx context.Context, c interceptors.CallMeta) (interceptors.Reporter, context.Context) {
		return callMeter{call: c, server: s}, ctx
	})
}

type callMeter struct {
	interceptors.NoopReporter
	call   interceptors.CallMeta
	server *Server
}

// PostCall implements interceptors.Reporter.
func (m callMeter) PostCall(err error, took time.Duration) {
	method := m.call.FullMethod()
	m.server.metrics.Call(method, status.Code(err).String())
	if m.call.Typ == interceptors.Unary {
		m.server.metrics.UnaryTook(method, took)
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

func reporting(f interceptors.CommonReportableFunc) interceptor {
	return interceptor{interceptors.UnaryServerInterceptor(f), interceptors.StreamServerInterceptor(f)}
}
