package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/article"
	"github.com/portcullis-ai/portcullis/guard/pattern"
	"github.com/portcullis-ai/portcullis/guard/policy"
	"github.com/portcullis-ai/portcullis/guard/tokens"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/build"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/server"
)

// service is everything that one configuration makes, and what closes it.
type service struct {
	cfg     config.Config
	log     *slog.Logger
	metrics *metrics.Metrics
	server  *server.Server
	open    closers
}

// newService builds the whole graph, models loaded, tested and warm, server not
// listening. What fails on the way closes what had been opened.
func newService(ctx context.Context, cfg config.Config, log *slog.Logger) (_ *service, err error) {
	s := &service{cfg: cfg, log: log, metrics: metrics.New()}
	s.metrics.Build(build.Version())
	defer func() {
		if err != nil {
			_ = s.open.close(ctx)
		}
	}()
	models, err := s.loadModels(ctx)
	if err != nil {
		return nil, err
	}
	engine, err := s.newEngine(models)
	if err != nil {
		return nil, err
	}
	s.open.add(engine.Close)
	loaded := server.Loaded{Engine: engine}
	for _, m := range models {
		loaded.Models = append(loaded.Models, m.server)
	}
	s.metrics.Models(metricModels(loaded.Models))
	s.server, err = server.New(cfg.Server, func() (server.Loaded, func()) { return loaded, func() {} },
		server.WithLogger(log), server.WithMetrics(s.metrics))
	return s, err
}

func (s *service) loadModels(ctx context.Context) ([]loadedModel, error) {
	runtime, err := ort.Open(s.cfg.ONNXRuntime)
	if err != nil {
		return nil, err
	}
	s.open.add(func(context.Context) error { return runtime.Close() })
	info := runtime.Info()
	s.log.InfoContext(ctx, "ONNX Runtime ready", slog.String("version", info.Version),
		slog.String("library", info.Library), slog.String("provider", string(info.Provider)))
	if info.Fallback != "" {
		s.log.InfoContext(ctx, "no CUDA: models run on the CPU", slog.String("reason", info.Fallback))
	}
	loader := modelLoader{cfg: s.cfg, runtime: runtime, metrics: s.metrics, log: s.log}
	models := make([]loadedModel, 0, len(s.cfg.Models))
	for _, name := range s.cfg.Models {
		m, err := loader.named(ctx, name, models)
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", name, err)
		}
		s.open.add(m.close)
		models = append(models, m)
	}
	return models, nil
}

// newEngine joins the checks and the policies.
func (s *service) newEngine(models []loadedModel) (*guard.Engine, error) {
	rules, err := s.loadRules()
	if err != nil {
		return nil, err
	}
	patterns, err := pattern.New(rules)
	if err != nil {
		return nil, err
	}
	counter, err := tokens.NewCounter()
	if err != nil {
		return nil, err
	}
	checks := []guard.Check{tokens.New(counter), patterns, article.New()}
	known := make(map[string]policy.Model, len(models))
	for _, m := range models {
		checks = append(checks, m.check)
		known[m.check.Name()] = m.policy
	}
	policies, err := s.loadPolicies(policyEnv(checks, known, rules))
	if err != nil {
		return nil, err
	}
	return guard.NewEngine(s.cfg.Guard, policies, checks)
}

// loadRules returns the built-in rules and those of the configured folder.
func (s *service) loadRules() ([]pattern.Rule, error) {
	rules, err := pattern.Builtin()
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	if s.cfg.Rules == "" {
		return rules, nil
	}
	if err := folderOf("rules", s.cfg.Rules); err != nil {
		return nil, err
	}
	own, err := pattern.Load(os.DirFS(s.cfg.Rules))
	if err != nil {
		return nil, fmt.Errorf("rules in %s: %w", s.cfg.Rules, err)
	}
	return append(rules, own...), nil
}

// closeTime is what models and checks have to end once no call is left. They get
// it also when calls took all the time there was to drain: a session that is
// freed while it runs ends the process.
const closeTime = 5 * time.Second

// close drains the server until ctx ends, then closes the rest in reverse of how
// it was built.
func (s *service) close(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	return errors.Join(err, s.open.close(rest))
}
