package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// shutdown begins to drain; the channel gives Shutdown's error.
func (s *service) shutdown(limit time.Duration) <-chan error {
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		done <- s.server.Shutdown(ctx)
	}()
	return done
}

func TestDrainAnswersWhatIsUnfinishedAndRefusesWhatComes(t *testing.T) {
	s := start(t)
	c := s.open(t)
	c.ask("before", "wait")
	c.next()
	done := s.shutdown(10 * time.Second)
	waitFor(t, func() bool { return !s.isReady() })
	waitFor(t, func() bool { // draining is noticed a moment after it began
		id := time.Now().String()
		c.ask(id, "wait")
		for {
			switch r := c.next(); {
			case r.GetRejection().GetReason() == "DRAINING":
				return r.GetId() == id && codes.Code(r.GetRejection().GetCode()) == codes.Unavailable && r.GetRejection().GetRetryAfter() != nil
			case r.GetId() == id:
				return false // judged: it came before
			}
		}
	})
	close(s.gate)
	for {
		r, err := c.Recv()
		if err != nil {
			wantError(t, err, codes.Unavailable, "DRAINING")
			break
		}
		if r.GetRejection() != nil {
			t.Errorf("%s was taken and then refused", r.GetId())
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestDrainEndsIdleStreams(t *testing.T) {
	s := start(t)
	c := s.open(t)
	c.ask("a", "hello")
	c.last()
	done := s.shutdown(10 * time.Second)
	_, err := c.Recv()
	wantError(t, err, codes.Unavailable, "DRAINING")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestDrainLetsHalfClosedStreamsEndWithOK(t *testing.T) {
	s := start(t)
	c := s.open(t)
	c.ask("a", "wait")
	c.next()
	if err := c.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Validate(t.Context(), &pb.ValidateRequest{}); err != nil { // on the same connection, so it comes after
		t.Fatal(err)
	}
	done := s.shutdown(10 * time.Second)
	waitFor(t, func() bool { return !s.isReady() })
	close(s.gate)
	if c.last().GetVerdict() == nil {
		t.Error("no verdict")
	}
	if _, err := c.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end", err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestDrainFinishesUnaryCalls(t *testing.T) {
	s := start(t)
	answered := make(chan error, 1)
	go func() {
		_, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "wait"})
		answered <- err
	}()
	waitFor(t, func() bool { return s.inFlight(1) })
	done := s.shutdown(10 * time.Second)
	waitFor(t, func() bool { return !s.isReady() })
	close(s.gate)
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestDrainCutsOffWhenItsTimeIsOver(t *testing.T) {
	s := start(t)
	c := s.open(t)
	c.ask("a", "wait")
	c.next()
	if err := <-s.shutdown(50 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestHealth(t *testing.T) {
	s := start(t)
	health := healthpb.NewHealthClient(s.conn)
	check := func(want healthpb.HealthCheckResponse_ServingStatus) {
		t.Helper()
		for _, name := range []string{"", "portcullis.v1.ValidationService"} {
			out, err := health.Check(t.Context(), &healthpb.HealthCheckRequest{Service: name})
			if err != nil || out.GetStatus() != want {
				t.Errorf("%q: %v, %v, want %v", name, out, err, want)
			}
		}
		if got := s.isReady(); got != (want == healthpb.HealthCheckResponse_SERVING) {
			t.Errorf("readyz says %v", got)
		}
	}
	check(healthpb.HealthCheckResponse_NOT_SERVING)
	s.server.SetServing(true)
	check(healthpb.HealthCheckResponse_SERVING)
	s.server.SetServing(false)
	check(healthpb.HealthCheckResponse_NOT_SERVING)
	if got := s.get("/healthz"); got != http.StatusOK {
		t.Errorf("healthz says %d", got)
	}
}

// A balancer that watches health must not hold up the shutdown.
func TestDrainEndsHealthWatches(t *testing.T) {
	s := start(t)
	s.server.SetServing(true)
	watch, err := healthpb.NewHealthClient(s.conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatal(err)
	}
	if err := <-s.shutdown(10 * time.Second); err != nil {
		t.Error(err)
	}
	s.server.SetServing(true)
	if s.isReady() {
		t.Error("ready after the shutdown")
	}
}

func (s *service) get(path string) int {
	w := httptest.NewRecorder()
	s.server.HTTPHandler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code
}

func (s *service) isReady() bool { return s.get("/readyz") == http.StatusOK }
