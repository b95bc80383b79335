package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/pprof" // it adds itself to a mux that nothing serves

	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// HTTPHandler serves the second port: /metrics for Prometheus, /healthz, which is
// 200 as long as the process lives, and /readyz, which is 200 while the server is
// serving and 503 before and after. None of them takes input. Where Config.Pprof asks for
// it there is Go's profiler too.
func (s *Server) HTTPHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "alive")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !s.serving(r.Context()):
			http.Error(w, "not serving", http.StatusServiceUnavailable)
		case s.refused.Load():
			fmt.Fprintln(w, "serving; the last reload was refused")
		default:
			fmt.Fprintln(w, "serving")
		}
	})
	if s.cfg.Pprof {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

// serving asks the health service, so that the two ports never disagree.
func (s *Server) serving(ctx context.Context) bool {
	answer, err := s.health.Check(ctx, &healthpb.HealthCheckRequest{})
	return err == nil && answer.GetStatus() == healthpb.HealthCheckResponse_SERVING
}
