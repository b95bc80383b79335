package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/article"
	"github.com/portcullis-ai/portcullis/guard/classify"
	"github.com/portcullis-ai/portcullis/guard/pattern"
	"github.com/portcullis-ai/portcullis/guard/policy"
	"github.com/portcullis-ai/portcullis/guard/tokens"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/internal/sink"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/server"
)

// rig is the whole service with a breaker around each of its parts. Only the model is
// none: it knows the words of markText, and no harm in any others.
type rig struct {
	*fakeService
	checks   map[string]*breaker // by check
	cache    breaker
	batcher  breaker
	backend  breaker
	models   breaker // their loading
	policies breaker // their loading
	log      brokenLog
	dir      string // of own policies
	hangup   chan os.Signal
	texts    atomic.Int64 // that were made
}

func newRig(t *testing.T, gate *auth.Gate) *rig {
	t.Helper()
	r := &rig{
		fakeService: &fakeService{}, dir: t.TempDir(), hangup: make(chan os.Signal, 1),
		checks: map[string]*breaker{"pattern": {}, "tokens": {}, "classifier": {}},
	}
	cfg := config.Default()
	cfg.Policies, cfg.Server.DefaultDeadline, cfg.Guard.Reserve = r.dir, time.Second, 200*time.Millisecond
	cfg.Trust.SelfTestEvery, cfg.Trust.WatchEvery = 20*time.Millisecond, 0
	r.ownPolicy(t, goodPolicy)
	lines := sink.New(&r.log, 1<<10)
	log, err := logger(cfg.Log, lines)
	if err != nil {
		t.Fatal(err)
	}
	m := metrics.New()
	m.WatchLog(func() metrics.LogStats { return metrics.LogStats(lines.Stats()) })
	rotation := newRotation(cfg.Trust, log, m)
	counter, err := counted()
	if err != nil {
		t.Fatal(err)
	}
	b := builder{cfg: cfg, counter: counter, loader: modelLoader{cfg: cfg, metrics: m, log: log, devicesChanged: rotation.look}}
	build := func(ctx context.Context, _ *generation) (*generation, error) { return r.build(ctx, t, b) }
	r.service, err = assemble(t.Context(), &service{cfg: cfg, log: log, metrics: m, rotation: rotation, gate: gate, build: build})
	if err != nil {
		t.Fatal(err)
	}
	r.tend(r.hangup)
	r.connect(t)
	t.Cleanup(func() { endLog(t.Context(), lines) }) // before the service closes: what it says then is not looked at
	return r
}

func (r *rig) ownPolicy(t *testing.T, yaml string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, "own.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
}

// build is what builder does, with breakers.
func (r *rig) build(ctx context.Context, t *testing.T, b builder) (_ *generation, err error) {
	scale := 1.0
	if fault, _ := r.models.now(); fault == "wrong answer" {
		scale = -1 // another model's
	}
	m, err := through(&r.models, func() (*loadedModel, error) { return r.model(ctx, t, b.loader, scale) }, func(m *loadedModel) *loadedModel { return m })
	if err != nil {
		return nil, err
	}
	g := &generation{models: []*loadedModel{m.hold()}, own: readOwn(b.cfg)}
	g.Models = []server.Model{m.server}
	g.Engine, err = r.engine(b, m)
	if err != nil {
		return nil, errors.Join(err, g.close(ctx))
	}
	return g, nil
}

// ruled is the check of the built-in rules. It is made once: that takes long, and no
// fault is about it.
var ruled = sync.OnceValues(func() (compiled, error) {
	rules, err := loadRules("")
	if err != nil {
		return compiled{}, err
	}
	check, err := pattern.New(rules)
	return compiled{rules, check}, err
})

type compiled struct {
	rules []pattern.Rule
	check guard.Check
}

func (r *rig) engine(b builder, m *loadedModel) (*guard.Engine, error) {
	patterns, err := ruled()
	if err != nil {
		return nil, err
	}
	checks := []guard.Check{tokens.New(b.counter), patterns.check, m.check}
	for i, c := range checks {
		checks[i] = brokenCheck{c, r.checks[c.Name()]}
	}
	env := policyEnv(map[string]policy.Model{m.check.Name(): m.policy}, patterns.rules)
	policies, err := through(&r.policies, func() ([]guard.Policy, error) { return b.policies(env) }, nil)
	if err != nil {
		return nil, err
	}
	return guard.NewEngine(b.cfg.Guard, policies, append(checks, article.New()))
}

// model is what modelLoader makes of a folder, with breakers: tokenizer, known answers,
// batcher, cache and check are the real ones.
func (r *rig) model(ctx context.Context, t *testing.T, l modelLoader, scale float64) (*loadedModel, error) {
	source, tokenizer := bundledParts(t)
	fake := inferencetest.NewFake(inferencetest.FakeConfig{Labels: 1, Mark: tokenizer.AppendIDs(nil, markText)})
	describe := inference.Model{Name: "fake", Labels: []inference.Label{{Name: "toxic", Scale: scale}}}
	backend := brokenBackend{fake, &r.backend}
	alone := inference.NewClassifier(describe, tokenizer, backend.Run)
	answers := []inference.KnownAnswer{
		{Text: "hello", Scores: map[string]float64{"toxic": 0}, Tolerance: 0.01},
		{Text: markText, Scores: map[string]float64{"toxic": 1}, Tolerance: 0.01},
	}
	d := device{
		name: "fake", backend: backend, pace: cpuPace(source.Manifest().Window.Tokens),
		test: func(ctx context.Context) error { return inference.SelfTest(ctx, alone, answers) },
	}
	if err := d.test(ctx); err != nil {
		return nil, err
	}
	known := l.newCache()
	b, err := l.newBatcher(model.Manifest{Name: "fake"}, devices{d}, known.Forget)
	if err != nil {
		return nil, err
	}
	run := r.cache.runner(known.Around(admitted(r.batcher.runner(b.DoAll))))
	categories := map[string]guard.Category{"toxic": guard.Toxicity}
	check, err := classify.New("classifier", inference.NewClassifier(describe, tokenizer, run), map[string]classify.Label{"toxic": {Category: guard.Toxicity}})
	if err != nil {
		return nil, errors.Join(err, b.Shutdown(ctx))
	}
	return &loadedModel{
		source: source, check: check, stats: b.Stats, cached: known.Stats, close: b.Shutdown,
		server: server.Model{Name: "fake", Digest: "sha256:1"}, policy: policy.Model{Name: "fake", Labels: categories},
	}, nil
}
