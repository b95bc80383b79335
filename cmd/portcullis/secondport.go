package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// secondPort serves HTTP from before the models are loaded: a probe must be able
// to tell a service that starts slowly from one that is dead.
type secondPort struct {
	addr    string
	handler atomic.Pointer[http.Handler]
	server  *http.Server
	failed  chan error // at most one error: the port cannot be served
}

// serveHTTP answers "not serving" until become is called.
func serveHTTP(l net.Listener) *secondPort {
	p := &secondPort{addr: l.Addr().String(), failed: make(chan error, 1)}
	p.server = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*p.handler.Load()).ServeHTTP(w, r) }),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	p.become(starting())
	go func() {
		if err := p.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			p.failed <- fmt.Errorf("server.metrics_listen: %w", err)
		}
	}()
	return p
}

func (p *secondPort) become(h http.Handler) { p.handler.Store(&h) }

func (p *secondPort) shutdown(ctx context.Context) error { return p.server.Shutdown(ctx) }

// starting is alive and serves nothing.
func starting() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "alive") })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "not serving: models are being loaded", http.StatusServiceUnavailable)
	})
	return mux
}
