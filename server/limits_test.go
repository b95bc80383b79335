package server_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

func TestACallerHasItsRateAndOthersTheirs(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)), func(c *server.Config) {
		c.PerCaller.TextsPerSecond, c.PerCaller.Burst = 1, 100*time.Second
	})
	as := func(name string) context.Context {
		return carrying(t.Context(), i.Token(map[string]any{"sub": name, "roles": "validator"}))
	}
	alice := as("alice")
	var trailer metadata.MD
	var err error
	for range 101 {
		if err != nil {
			t.Fatal("refused too early")
		}
		_, err = s.Validate(alice, &pb.ValidateRequest{Text: "hello"}, grpc.Trailer(&trailer))
	}
	for n := 0; err == nil && n < 100; n++ { // while some seconds have passed
		_, err = s.Validate(alice, &pb.ValidateRequest{Text: "hello"}, grpc.Trailer(&trailer))
	}
	_, retry := wantError(t, err, codes.ResourceExhausted, "CALLER_RATE")
	if wait := retry.GetRetryDelay().AsDuration(); wait <= 0 || wait > time.Second || len(trailer.Get("grpc-retry-pushback-ms")) != 1 {
		t.Errorf("retry after %s, trailer %v", wait, trailer)
	}
	if _, err := s.Validate(as("bob"), &pb.ValidateRequest{Text: "hello"}); err != nil {
		t.Error(err)
	}
}

// A text that is refused because the service is full is not paid for.
func TestOneCallerLeavesRoomForOthers(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)), func(c *server.Config) { c.MaxInFlight, c.PerCaller.Streams = 5, 2 })
	as := func(name string) context.Context {
		return carrying(t.Context(), i.Token(map[string]any{"sub": name, "roles": "validator"}))
	}
	alice, ended := as("alice"), make(chan error, 4)
	for range 4 {
		go func() {
			_, err := s.Validate(alice, &pb.ValidateRequest{Text: "wait"})
			ended <- err
		}()
	}
	for end := time.Now().Add(10 * time.Second); !s.inFlight(4); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("four texts of five did not come in")
		}
	}
	_, err := s.Validate(alice, &pb.ValidateRequest{Text: "hello"})
	if _, retry := wantError(t, err, codes.ResourceExhausted, "CALLER_TOO_MANY_TEXTS"); retry == nil {
		t.Error("not told when to come again")
	}
	if _, err := s.Validate(as("bob"), &pb.ValidateRequest{Text: "hello"}); err != nil {
		t.Error(err)
	}
	close(s.gate)
	for range 4 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}

	for range 2 {
		c, err := s.ValidateStream(alice)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Send(&pb.ValidateStreamRequest{Id: "1", Request: &pb.ValidateRequest{Text: "hello"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Recv(); err != nil { // it is open
			t.Fatal(err)
		}
	}
	_, retry := wantError(t, s.calls()["ValidateStream"](alice), codes.ResourceExhausted, "CALLER_TOO_MANY_STREAMS")
	if retry == nil {
		t.Error("not told when to come again")
	}
	if err := s.calls()["ValidateStream"](as("bob")); status.Code(err) == codes.ResourceExhausted {
		t.Error(err)
	}
}

// The sample for clients is one: a call that is refused at first is tried again, as
// late as the server says, and answered.
func TestTheSampleServiceConfigRetries(t *testing.T) {
	sample, err := os.ReadFile("../docs/client/service_config.json")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, func(c *server.Config) { c.PerCaller.TextsPerSecond, c.PerCaller.Burst = 2, time.Second })
	s.server.SetServing(true)
	conn, err := grpc.NewClient("dns:///"+s.loopback(t), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(string(sample)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := pb.NewValidationServiceClient(conn)
	for range 5 {
		if _, err := client.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"}); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(s.metrics(), `reason="CALLER_RATE"`) {
		t.Error("nothing was refused, so nothing was tried again")
	}
}

// A token that does not fit is refused before it is kept.
func TestHeadersAreBounded(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)))
	if err := s.calls()["Validate"](carrying(t.Context(), strings.Repeat("a", 1<<20))); err == nil {
		t.Error("taken")
	}
	err := s.calls()["Validate"](carrying(t.Context(), strings.Repeat("a", 24<<10)))
	wantError(t, err, codes.Unauthenticated, "UNAUTHENTICATED")
}

func TestOldConnectionsEnd(t *testing.T) {
	s := start(t, func(c *server.Config) {
		c.Connections.MaxAge, c.Connections.MaxAgeGrace = time.Second, time.Second
		c.DefaultDeadline, c.MaxDeadline, c.Output.MaxTime = time.Second, time.Second, time.Second
	})
	c := s.open(t)
	if _, err := c.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("a stream that outlives its connection: %v", err)
	}
	if _, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"}); err != nil {
		t.Errorf("on the next connection: %v", err)
	}
}
