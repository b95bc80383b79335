package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/portcullis-ai/portcullis/guard/tokens"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/build"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/memory"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/internal/reload"
	"github.com/portcullis-ai/portcullis/internal/tracing"
	"github.com/portcullis-ai/portcullis/server"
)

// service is everything that one configuration makes, and what closes it.
type service struct {
	cfg      config.Config
	log      *slog.Logger
	metrics  *metrics.Metrics
	rotation *rotation
	room     *reload.Room[*generation]
	tracer   trace.Tracer // nil: nothing is traced
	build    buildFunc
	gate     *auth.Gate
	server   *server.Server
	open     closers // what generations stand on

	life    context.Context // of what tends the service; ends when it closes
	end     context.CancelFunc
	tending sync.WaitGroup
}

// buildFunc makes what is to be served beside what is; see builder.build.
type buildFunc func(ctx context.Context, now *generation) (*generation, error)

// newService builds the whole graph, models loaded, tested and warm, server not
// listening. What fails on the way closes what had been opened.
func newService(ctx context.Context, cfg config.Config, log *slog.Logger) (*service, error) {
	gate, err := auth.New(cfg.Auth, log) // first: what cannot be protected need not be loaded
	if err != nil {
		return nil, err
	}
	m := metrics.New()
	r := newRotation(cfg.Trust, log, m)
	tracer, endTracing, err := tracing.Open(ctx, cfg.Tracing, build.Version())
	if err != nil {
		return nil, err
	}
	b, open, err := openBuilder(ctx, cfg, log, m, r.look)
	if err != nil {
		return nil, errors.Join(err, endTracing(ctx))
	}
	open.add(endTracing)
	m.WatchAuth(func() metrics.AuthStats { return metrics.AuthStats(gate.Stats()) })
	return assemble(ctx, &service{cfg: cfg, log: log, metrics: m, rotation: r, gate: gate, tracer: tracer, build: b.build, open: open})
}

// openBuilder opens what generations stand on; open closes it after the last of them.
func openBuilder(ctx context.Context, cfg config.Config, log *slog.Logger, m *metrics.Metrics, devicesChanged func()) (_ builder, open closers, err error) {
	counter, err := tokens.NewCounter(cfg.Tokens)
	if err != nil {
		return builder{}, nil, err
	}
	runtime, err := openRuntime(ctx, cfg.ONNXRuntime, log)
	if err != nil {
		return builder{}, nil, err
	}
	open.add(func(context.Context) error { return runtime.Close() })
	loader := modelLoader{cfg: cfg, runtime: runtime, metrics: m, log: log, devicesChanged: devicesChanged}
	return builder{cfg: cfg, counter: counter, loader: loader}, open, nil
}

func openRuntime(ctx context.Context, cfg ort.Config, log *slog.Logger) (*ort.Runtime, error) {
	runtime, err := ort.Open(cfg)
	if err != nil {
		return nil, err
	}
	info := runtime.Info()
	log.InfoContext(ctx, "ONNX Runtime ready", slog.String("version", info.Version),
		slog.String("library", info.Library), slog.String("provider", string(info.Provider)))
	if info.Fallback != "" {
		log.InfoContext(ctx, "no CUDA: models run on the CPU", slog.String("reason", info.Fallback))
	}
	return runtime, nil
}

// assemble builds the first generation of s, and the server around it.
func assemble(ctx context.Context, s *service) (*service, error) {
	s.metrics.Build(build.Version())
	first, err := s.build(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, closeInTime(ctx, s.open.close))
	}
	s.room = reload.NewRoom(first)
	s.show(first)
	s.metrics.Started(time.Now())
	s.cfg.Server.Memory = memory.Limit(s.cfg.Server.Memory)
	s.log.InfoContext(ctx, "memory", slog.Int64("limit", s.cfg.Server.Memory))
	s.server, err = server.New(s.cfg.Server, s.acquire, //nolint:contextcheck // a call has a context of its own
		server.WithLogger(s.log), server.WithMetrics(s.metrics), server.WithGate(s.gate), server.WithTracer(s.tracer))
	if err != nil {
		s.open.add(first.close)
		return nil, errors.Join(err, closeInTime(ctx, s.open.close))
	}
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

func (s *service) acquire() (server.Loaded, func()) {
	g, release := s.room.Acquire()
	return g.Loaded, release
}

// show makes metrics and health speak of g.
func (s *service) show(g *generation) {
	s.metrics.Models(metricModels(g.Models))
	s.metrics.WatchQueues(queuesOf(g.models))
	s.metrics.WatchCaches(cachesOf(g.models))
	s.rotation.serve(g.models)
}

// closeTime is what models and checks have to end once no call is left. They get
// it also when calls took all the time there was to drain: a session that is
// freed while it runs ends the process.
const closeTime = 5 * time.Second

// closeInTime runs end with closeTime of its own, whatever became of ctx.
func closeInTime(ctx context.Context, end func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	return end(ctx)
}

// close drains the server until ctx ends, then closes the rest in reverse of how
// it was built. A reload under way is given up.
func (s *service) close(ctx context.Context) error {
	s.end()
	err := s.server.Shutdown(ctx)
	if stuck := s.awaitTending(ctx); stuck != nil {
		return errors.Join(err, stuck) // it may be at work on a model: freeing it would crash
	}
	last, release := s.room.Acquire()
	release()
	s.open.add(last.close)
	return errors.Join(err, closeInTime(ctx, s.open.close))
}

// awaitTending waits for what tends the service, which has been told to end, until
// ctx ends, and closeTime at least. A volume that hangs and a model that is just
// being opened cannot be told: shutting down does not wait for them without end.
func (s *service) awaitTending(ctx context.Context) error {
	ended := make(chan struct{})
	go func() { s.tending.Wait(); close(ended) }()
	least := time.After(closeTime)
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-ended:
		return nil
	case <-least:
		return errors.New("a reload or a look at the files has not ended: the models are left open")
	}
}
