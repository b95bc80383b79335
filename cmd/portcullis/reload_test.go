package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/internal/config"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// witness takes verdicts and says which of them no single generation can have given.
type witness struct {
	score func(digest string) float64
	seen  sync.Map // digests
	count atomic.Int64
}

func (w *witness) take(v *pb.ValidateResponse) error {
	w.count.Add(1)
	if len(v.GetModels()) != 1 || len(v.GetScores()) == 0 {
		return fmt.Errorf("models %v, scores %v, checks %v", v.GetModels(), v.GetScores(), v.GetChecks())
	}
	digest := v.GetModels()[0].GetDigest()
	w.seen.Store(digest, true)
	if got, want := v.GetScores()[0].GetScore(), w.score(digest); math.Abs(got-want) > 1e-6 {
		return fmt.Errorf("a verdict that names %s has the score %v, want %v", digest, got, want)
	}
	for _, c := range v.GetChecks() {
		if s := c.GetState(); s != pb.CheckState_CHECK_STATE_COMPLETED && s != pb.CheckState_CHECK_STATE_NOT_APPLICABLE {
			return fmt.Errorf("check %s is %s: %s", c.GetCheck(), s, c.GetError())
		}
	}
	return nil
}

// load asks without a pause, with calls and on streams, until stop is called, which
// returns the first thing that went wrong.
func (w *witness) load(client pb.ValidationServiceClient, text string) (stop func() error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	done := make(chan struct{})
	var callers sync.WaitGroup
	wrong := make(chan error, 16)
	for range 4 {
		callers.Go(func() { wrong <- w.calls(ctx, client, text, done) })
	}
	for range 2 {
		callers.Go(func() { wrong <- w.stream(ctx, client, text, done) })
	}
	return func() error {
		close(done)
		callers.Wait()
		cancel()
		close(wrong)
		for err := range wrong {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func (w *witness) calls(ctx context.Context, client pb.ValidationServiceClient, text string, done chan struct{}) error {
	for ; !over(done); time.Sleep(time.Millisecond) {
		v, err := client.Validate(ctx, &pb.ValidateRequest{Text: text})
		if err != nil {
			return err
		}
		if err := w.take(v); err != nil {
			return err
		}
	}
	return nil
}

// stream keeps four texts unfinished on one stream, over all swaps.
func (w *witness) stream(ctx context.Context, client pb.ValidationServiceClient, text string, done chan struct{}) error {
	s, err := client.ValidateStream(ctx)
	if err != nil {
		return err
	}
	ask := func(n int) error {
		return s.Send(&pb.ValidateStreamRequest{Id: fmt.Sprint(n), Request: &pb.ValidateRequest{Text: text}})
	}
	for n := range 4 {
		if err := ask(n); err != nil {
			return err
		}
	}
	for n := 4; ; {
		r, err := s.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case r.GetCheck() != nil:
			continue
		case r.GetVerdict() == nil:
			return fmt.Errorf("rejected: %v", r.GetRejection())
		}
		if err := w.take(r.GetVerdict()); err != nil {
			return err
		}
		if over(done) {
			if err := s.CloseSend(); err != nil {
				return err
			}
			continue
		}
		if err := ask(n); err != nil {
			return err
		}
		n++
	}
}

func over(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// TestSwapsUnderLoad: whatever is swapped while texts are judged, each verdict is of
// one generation, and none fails: no model was closed that a text still used. Every
// generation that has left is closed.
func TestSwapsUnderLoad(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("", func(t *testing.T) {
		const swaps = 6
		var backends []*stubborn
		f := startFakes(t, func(l modelLoader) (*loadedModel, error) {
			s := &stubborn{logit: -3 + float32(len(backends))/10}
			backends = append(backends, s)
			return s.model(t, l, fmt.Sprint(len(backends)-1), 0), nil
		})
		w := &witness{score: func(digest string) float64 {
			var n int
			_, _ = fmt.Sscan(digest, &n)
			return (&stubborn{logit: -3 + float32(n)/10}).score()
		}}
		stop := w.load(f.client, "hello there")
		for n := range swaps {
			before := w.count.Load()
			eventually(t, "texts are judged", func() bool { return w.count.Load() > before+10 })
			if !f.reload(t.Context(), "test") {
				t.Fatal("refused")
			}
			if !backends[n].closed.Load() {
				t.Errorf("generation %d has left and is not closed", n)
			}
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		for n := range swaps {
			if _, ok := w.seen.Load(fmt.Sprint(n)); !ok {
				t.Errorf("generation %d judged nothing", n)
			}
		}
	})
}

// TestRefusedReload: what cannot be built changes nothing, and is told.
func TestRefusedReload(t *testing.T) {
	bad := errors.New("no good")
	var fail error
	s := &stubborn{logit: -2}
	f := startFakes(t, func(l modelLoader) (*loadedModel, error) {
		if fail != nil {
			return nil, fail
		}
		return s.model(t, l, "first", 0), nil
	})
	fail = bad
	if f.reload(t.Context(), "test") {
		t.Fatal("taken")
	}
	w := &witness{score: func(string) float64 { return s.score() }}
	v, err := f.client.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"})
	if err == nil {
		err = w.take(v)
	}
	if err != nil || v.GetModels()[0].GetDigest() != "first" {
		t.Errorf("after a refused reload: %v, %v", v.GetModels(), err)
	}
}

// TestPoliciesAreReloaded with everything else; a mistake in one refuses all of it.
func TestPoliciesAreReloaded(t *testing.T) {
	dir := t.TempDir()
	policy := func(yaml string) { put(t, dir, "own.yaml", []byte(yaml)) }
	policy("extends: balanced\nlimits: {tokens: {max: 100}}\n")
	f := startFakes(t, func(l modelLoader) (*loadedModel, error) { return (&stubborn{logit: -4}).model(t, l, "d", 0), nil },
		func(c *config.Config) { c.Policies = dir })
	digest := func() string {
		info, err := f.client.GetServerInfo(t.Context(), &pb.GetServerInfoRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range info.GetPolicies() {
			if p.GetName() == "own" {
				return p.GetDigest()
			}
		}
		return ""
	}
	first := digest()
	policy("extends: balanced\nlimits: {tokens: {max: 200}}\n")
	if !f.reload(t.Context(), "test") || digest() == first || digest() == "" {
		t.Errorf("from %s to %s", first, digest())
	}
	second := digest()
	policy("extends: nothing\n")
	if f.reload(t.Context(), "test") || digest() != second {
		t.Errorf("a broken policy: from %s to %s", second, digest())
	}
}

// TestAChangedPolicyIsServedByItself, without a signal. A bad one is not, and health,
// metrics, /readyz, the log and GetServerInfo say so until the next that is good.
func TestAChangedPolicyIsServedByItself(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "own.yaml", []byte("extends: balanced\n"))
	f := startFakes(t, func(l modelLoader) (*loadedModel, error) { return (&stubborn{logit: -4}).model(t, l, "d", 0), nil },
		func(c *config.Config) { c.Policies, c.Trust.WatchEvery = dir, 5*time.Millisecond })
	f.tend(nil)
	info := func() (digest string, refused bool) {
		info, err := f.client.GetServerInfo(t.Context(), &pb.GetServerInfoRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range info.GetPolicies() {
			if p.GetName() == "own" {
				digest = p.GetDigest()
			}
		}
		return digest, info.GetReloadRefused()
	}
	first, _ := info()
	put(t, dir, "own.yaml", []byte("extends: balanced\nlimits: {tokens: {max: 200}}\n"))
	eventually(t, "the other policy is served", func() bool { digest, _ := info(); return digest != first })
	second, refused := info()
	if refused {
		t.Error("a good policy is refused")
	}
	put(t, dir, "own.yaml", []byte("extends: nothing\n"))
	eventually(t, "it is told that the policy is bad", func() bool { _, refused := info(); return refused })
	digest, _ := info()
	reload, err := f.health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: server.ReloadHealth})
	if err != nil || digest != second || reload.GetStatus() != grpc_health_v1.HealthCheckResponse_NOT_SERVING || f.status(t) != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("policy %s, reload %s, %v, service %s", digest, reload, err, f.status(t))
	}
	if code, body := secondPortOf(f, "/readyz"); code != 200 || !contains(body, "the last reload was refused") {
		t.Errorf("/readyz: %d %s", code, body)
	}
	if _, page := secondPortOf(f, "/metrics"); !contains(page, "portcullis_reload_last_successful 0") {
		t.Error("the metrics do not say so")
	}
	put(t, dir, "own.yaml", []byte("extends: balanced\n"))
	eventually(t, "all is well", func() bool { digest, refused := info(); return digest == first && !refused })
	if code, body := secondPortOf(f, "/readyz"); code != 200 || body != "serving\n" {
		t.Errorf("/readyz: %d %s", code, body)
	}
}

// TestReloadsEndWithTheService: asked for in the midst of closing, they neither hang
// nor leave anything behind.
func TestReloadsEndWithTheService(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("", func(t *testing.T) {
		hangup := make(chan os.Signal, 1)
		f := startFakes(t, func(l modelLoader) (*loadedModel, error) {
			select {
			case hangup <- os.Interrupt: // so that there is always one more
			default:
			}
			return (&stubborn{logit: 1}).model(t, l, "d", 0), nil
		})
		f.tend(hangup)
		time.Sleep(50 * time.Millisecond)
	})
}

// TestWrongDevice: a device that begins to answer wrongly is found by the test that
// comes every so often. Texts are then blocked, not let pass, health says so to
// whom it may concern, and all is well when the device is.
func TestWrongDevice(t *testing.T) {
	s := &stubborn{logit: -4} // harmless
	f := startFakes(t, func(l modelLoader) (*loadedModel, error) { return s.model(t, l, "d", 20*time.Millisecond), nil })
	decision := func() pb.Decision {
		v, err := f.client.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"})
		if err != nil {
			t.Fatal(err)
		}
		return v.GetDecision()
	}
	if d := decision(); d != pb.Decision_DECISION_ALLOW || f.status(t) != 1 {
		t.Fatalf("%s, health %s", d, f.status(t))
	}
	s.wrong.Store(true)
	eventually(t, "NOT_SERVING", func() bool { return f.status(t) == 2 })
	if d := decision(); d != pb.Decision_DECISION_BLOCK {
		t.Errorf("with no device left: %s", d)
	}
	if code, body := secondPortOf(f, "/readyz"); code != 503 {
		t.Errorf("/readyz: %d %s", code, body)
	}
	if _, page := secondPortOf(f, "/metrics"); !contains(page, `portcullis_executor_up{executor="fake",model="fake"} 0`, `portcullis_executor_retired_total{executor="fake",model="fake"} 1`) {
		t.Error("the metrics do not say so")
	}
	s.wrong.Store(false)
	eventually(t, "SERVING", func() bool { return f.status(t) == 1 })
	if d := decision(); d != pb.Decision_DECISION_ALLOW {
		t.Errorf("with the device back: %s", d)
	}
}

// TestReloadHealsAService: a new model puts a service in rotation whose old one had
// no device left, and what becomes of the old one is no longer its concern.
func TestReloadHealsAService(t *testing.T) {
	first, second := &stubborn{logit: -4}, &stubborn{logit: -3}
	backends := []*stubborn{first, second}
	f := startFakes(t, func(l modelLoader) (*loadedModel, error) {
		s := backends[0]
		backends = backends[1:]
		return s.model(t, l, "d", 20*time.Millisecond), nil
	})
	first.wrong.Store(true)
	eventually(t, "NOT_SERVING", func() bool { return f.status(t) == 2 })
	if !f.reload(t.Context(), "test") || f.status(t) != 1 {
		t.Errorf("after the reload: %s", f.status(t))
	}
}

// TestOneDeviceOfTwo: a model that any device runs is served.
func TestOneDeviceOfTwo(t *testing.T) {
	stats := batching.Stats{Executors: []batching.ExecutorStats{{Name: "a"}, {Name: "b", Alive: true}}}
	m := &loadedModel{stats: func() batching.Stats { return stats }}
	if !m.alive() {
		t.Error("not alive with one device left")
	}
	stats.Executors[1].Alive = false
	if m.alive() {
		t.Error("alive with no device left")
	}
}

// TestWhatHangsDoesNotHoldTheEnd: a volume that never answers does not keep the
// service from ending.
func TestWhatHangsDoesNotHoldTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, hang := &service{}, make(chan struct{})
		s.tending.Go(func() { <-hang })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := s.awaitTending(ctx); err == nil || time.Since(began) != closeTime {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		close(hang)
		if err := s.awaitTending(ctx); err != nil {
			t.Errorf("ended, out of time: %v", err)
		}
	})
}
