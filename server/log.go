package server

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// logCalls writes a line for each call that has ended, without its messages.
// Health checks come every few seconds and say nothing, so they are left out.
func (s *Server) logCalls() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		began, kind := time.Now(), "stream"
		if isUnary(info) {
			kind = "unary"
		}
		err := next(srv, ss)
		s.logCall(ss.Context(), info.FullMethod, kind, began, err)
		return err
	}
}

// logCall keeps to the words that gRPC services commonly log.
//
//nolint:sloglint // for that reason
func (s *Server) logCall(ctx context.Context, fullMethod, kind string, began time.Time, err error) {
	service, method, _ := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	if !s.cfg.LogRequests || service == healthpb.Health_ServiceDesc.ServiceName {
		return
	}
	v, code := visitOf(ctx), status.Code(err)
	attrs := append(make([]slog.Attr, 0, 10), // as many as there can be
		slog.String("grpc.service", service), slog.String("grpc.method", method), slog.String("grpc.method_type", kind),
		slog.String("peer.address", v.peer), slog.String("grpc.code", code.String()),
		slog.Float64("grpc.time_ms", float64(v.since(began).Microseconds())/1e3))
	if err != nil {
		attrs = append(attrs, slog.String("grpc.error", err.Error()))
	}
	s.log.LogAttrs(ctx, levelOf(code), "finished call", v.fields(attrs)...)
}

// levelOf is how loud a call is that ended so: what its caller did is information, what
// the operator may want to do something about a warning, and what must not happen an error.
func levelOf(c codes.Code) slog.Level {
	switch c {
	case codes.OK, codes.Canceled, codes.InvalidArgument, codes.NotFound, codes.Unauthenticated:
		return slog.LevelInfo
	case codes.DeadlineExceeded, codes.PermissionDenied, codes.ResourceExhausted, codes.Unavailable:
		return slog.LevelWarn
	default:
		return slog.LevelError
	}
}
