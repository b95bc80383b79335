package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/classify"
	"github.com/portcullis-ai/portcullis/guard/policy"
	"github.com/portcullis-ai/portcullis/guard/tokens"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/wordpiece"
	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/model/bundled"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// stubborn is a backend with one answer to everything. When it is wrong it gives
// another one, without an error, as a broken card does.
type stubborn struct {
	logit  float32
	wrong  atomic.Bool
	closed atomic.Bool
}

var errFreed = errors.New("run after it was closed")

func (s *stubborn) Run(_ context.Context, batch []inference.Encoding) ([][]float32, error) {
	if s.closed.Load() {
		return nil, errFreed
	}
	rows := make([][]float32, len(batch))
	for i := range rows {
		rows[i] = []float32{s.logit}
		if s.wrong.Load() {
			rows[i][0] = -s.logit
		}
	}
	return rows, nil
}

func (s *stubborn) score() float64 {
	p, _ := (inference.Model{Labels: []inference.Label{{Scale: 1}}}).Probabilities([]float32{s.logit})
	return p[0]
}

// model is what stands between the backend and the server, the real one.
func (s *stubborn) model(t testing.TB, l modelLoader, digest string, every time.Duration) *loadedModel {
	t.Helper()
	source, tokenizer := bundledParts(t)
	describe := inference.Model{Name: "fake", Labels: []inference.Label{{Name: "toxic", Scale: 1}}}
	alone := inference.NewClassifier(describe, tokenizer, s.Run)
	answers := []inference.KnownAnswer{{Text: "hello", Scores: map[string]float64{"toxic": s.score()}, Tolerance: 0.01}}
	known := l.newCache()
	b, err := batching.New(batching.DefaultConfig(), inference.Encoding.Len, []batching.Executor[inference.Encoding, []float32]{{
		Name: "fake", InFlight: 2, MaxItems: 16, MaxCost: 4096, Cost: batching.Packed(0), Run: s.Run, TestEvery: every,
		Healthy: func(ctx context.Context) error { return inference.SelfTest(ctx, alone, answers) },
	}}, batching.WithObserver(l.observer("fake", known.Forget)))
	if err != nil {
		t.Fatal(err)
	}
	categories := map[string]guard.Category{"toxic": guard.Toxicity}
	check, err := classify.New("classifier", inference.NewClassifier(describe, tokenizer, known.Around(admitted(b.DoAll))), map[string]classify.Label{"toxic": {Category: guard.Toxicity}})
	if err != nil {
		t.Fatal(err)
	}
	return &loadedModel{
		source: source, check: check, stats: b.Stats, cached: known.Stats,
		server: server.Model{Name: "fake", Digest: digest},
		policy: policy.Model{Name: "fake", Labels: categories},
		close: func(ctx context.Context) error {
			defer s.closed.Store(true)
			return b.Shutdown(ctx)
		},
	}
}

// These are made once: they take long, and are not what these tests are about.
var (
	counted   = sync.OnceValues(func() (*tokens.Counter, error) { return tokens.NewCounter(tokens.DefaultConfig()) })
	tokenized = sync.OnceValues(func() (*wordpiece.Tokenizer, error) {
		m, err := bundled.Model()
		if err != nil {
			return nil, err
		}
		return newTokenizer(m)
	})
)

func bundledParts(t testing.TB) (*model.Model, *wordpiece.Tokenizer) {
	t.Helper()
	m, err := bundled.Model()
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := tokenized()
	if err != nil {
		t.Fatal(err)
	}
	return m, tokenizer
}

// fakeService serves what next gives: the first generation, and one for each reload.
type fakeService struct {
	*service
	client pb.ValidationServiceClient
	health grpc_health_v1.HealthClient
	logs   *bytes.Buffer // read it when the service is closed
}

// startFakes serves models that next makes, until the test ends.
func startFakes(t *testing.T, next func(modelLoader) (*loadedModel, error), change ...func(*config.Config)) *fakeService {
	t.Helper()
	f := &fakeService{logs: &bytes.Buffer{}}
	cfg, log, m := config.Default(), slog.New(slog.NewTextHandler(f.logs, nil)), metrics.New()
	cfg.Server.LogRequests = false
	for _, c := range change {
		c(&cfg)
	}
	r := newRotation(cfg.Trust, log, m)
	counter, err := counted()
	if err != nil {
		t.Fatal(err)
	}
	b := builder{cfg: cfg, counter: counter, loader: modelLoader{cfg: cfg, metrics: m, log: log, devicesChanged: r.look}}
	build := func(ctx context.Context, _ *generation) (*generation, error) {
		model, err := next(b.loader)
		if err != nil {
			return nil, err
		}
		g := &generation{models: []*loadedModel{model.hold()}, own: readOwn(cfg)}
		g.Models = []server.Model{model.server}
		if g.Engine, err = b.engine(g.models); err != nil {
			return nil, errors.Join(err, g.close(ctx))
		}
		return g, nil
	}
	f.service, err = assemble(t.Context(), &service{cfg: cfg, log: log, metrics: m, rotation: r, gate: auth.Open(), build: build})
	if err != nil {
		t.Fatal(err)
	}
	f.connect(t)
	return f
}

func (f *fakeService) connect(t *testing.T) {
	t.Helper()
	pipe := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- f.server.Serve(pipe) }()
	conn, err := dial("passthrough:fake", grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	f.client, f.health = pb.NewValidationServiceClient(conn), grpc_health_v1.NewHealthClient(conn)
	f.rotation.start(f.server.SetServing)
	t.Cleanup(func() {
		_ = conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(f.close(ctx), <-served); err != nil {
			t.Error(err)
		}
	})
}

// status is what a health check says.
func (f *fakeService) status(t *testing.T) grpc_health_v1.HealthCheckResponse_ServingStatus {
	t.Helper()
	reply, err := f.health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: pb.ValidationService_ServiceDesc.ServiceName})
	if err != nil {
		t.Fatal(err)
	}
	return reply.GetStatus()
}

// eventually waits for what other goroutines bring about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal("never: " + what)
}

func secondPortOf(f *fakeService, path string) (int, string) {
	w := httptest.NewRecorder()
	f.server.HTTPHandler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func contains(page string, lines ...string) bool {
	for _, l := range lines {
		if !strings.Contains(page, l+"\n") {
			return false
		}
	}
	return true
}
