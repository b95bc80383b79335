package server

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionalphapb "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	"github.com/portcullis-ai/portcullis/internal/auth"
)

// public are the only services whose methods nobody is asked about: kubelet and
// balancers ask for health, and reflection, where it is switched on, tells the contract
// that anybody can read.
var public = map[string]bool{
	healthpb.Health_ServiceDesc.ServiceName:                    true,
	reflectionpb.ServerReflection_ServiceDesc.ServiceName:      true,
	reflectionalphapb.ServerReflection_ServiceDesc.ServiceName: true,
}

// isPublic reads /service/method.
func isPublic(method string) bool {
	service, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	return public[service]
}

// guarded lists the methods that the server has and that are not public.
func (s *Server) guarded() (methods []string) {
	for name, service := range s.grpc.GetServiceInfo() {
		for _, m := range service.Methods {
			if !public[name] {
				methods = append(methods, "/"+name+"/"+m.Name)
			}
		}
	}
	return methods
}

// authenticate asks the gate about every call. A stream ends when the credentials of
// its caller do.
func (s *Server) authenticate() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		if err := s.enter(ss.Context(), info.FullMethod); err != nil {
			return err
		}
		if isPublic(info.FullMethod) {
			return next(srv, ss)
		}
		if !connOf(ss.Context()).Know(visitOf(ss.Context()).caller()) {
			return s.refuse(ss.Context(), s.newText(ss.Context(), info.FullMethod, nil), errManyConns)
		}
		leaseOf(ss.Context()).seat.know()
		if isUnary(info) { // which ends by its deadline
			return next(srv, ss)
		}
		ctx, stop := until(ss.Context(), visitOf(ss.Context()).principal.Expires)
		defer stop()
		return next(srv, &middleware.WrappedServerStream{ServerStream: ss, WrappedContext: ctx})
	}
}

// enter lets a call in or refuses it. Callers learn what kind of refusal it is, the log
// and the metrics why.
func (s *Server) enter(ctx context.Context, method string) error {
	if isPublic(method) {
		return nil
	}
	principal, err := s.gate.Admit(ctx, method, credentialsOf(ctx))
	v := visitOf(ctx)
	v.principal = principal
	if err == nil {
		return nil
	}
	v.refused = auth.ReasonOf(err)
	s.metrics.TurnedAway(string(v.refused))
	if s.complaints.allow() {
		s.log.LogAttrs(ctx, slog.LevelWarn, "call refused", v.fields([]slog.Attr{slog.String("method", method), slog.String("host", v.host())})...)
	}
	return s.refuse(ctx, s.newText(ctx, method, nil), err)
}

func credentialsOf(ctx context.Context) auth.Credentials {
	c := auth.Credentials{Authorization: metadata.ValueFromIncomingContext(ctx, "authorization")}
	if p, ok := peer.FromContext(ctx); ok {
		if info, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			c.TLS = &info.State
		}
	}
	return c
}

// errExpired ends the streams of callers whose credentials have.
var errExpired = errors.New("credentials have expired")

// until ends ctx at a time, zero being never. It sets no deadline, which would be taken
// for one of the caller's.
func until(ctx context.Context, end time.Time) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	if end.IsZero() {
		return ctx, func() { cancel(nil) }
	}
	timer := time.AfterFunc(time.Until(end), func() { cancel(errExpired) })
	return ctx, func() { timer.Stop(); cancel(nil) }
}
