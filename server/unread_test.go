package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// flood sends n texts with many findings, half-closes and never reads. It returns
// when texts have been taken up, and goes on sending until the stream ends.
func flood(t *testing.T, s *service, n int) *stream {
	t.Helper()
	c := s.open(t)
	sent := make(chan struct{})
	t.Cleanup(func() { c.cancel(); <-sent })
	go func() {
		defer close(sent)
		for i := range n {
			r := &pb.ValidateStreamRequest{Id: fmt.Sprint(i), Request: &pb.ValidateRequest{Text: strings.Repeat("dirty ", 500)}}
			if c.Send(r) != nil {
				return
			}
		}
		_ = c.CloseSend()
	}()
	waitFor(t, func() bool { return len(s.recorder.all()) > 0 })
	return c
}

// longest limits a text, and how long a stream may be unread.
func longest(d time.Duration) func(*server.Config) {
	return func(c *server.Config) {
		c.StreamInFlight = 8
		c.DefaultDeadline, c.MaxDeadline = min(c.DefaultDeadline, d), d
	}
}

func TestClientThatDoesNotReadHoldsNoPermit(t *testing.T) {
	s := start(t, longest(time.Minute))
	flood(t, s, 3000)
	time.Sleep(2 * time.Second) // by then it is stuck, and what waits for it gives up
	waitFor(t, func() bool { return s.inFlight(0) })
	for _, e := range s.recorder.all() {
		if e.Refusal != nil {
			t.Errorf("%s was refused with %s: a client that is slow to read gets its verdicts", e.ID, e.Refusal.Reason)
		}
	}
}

func TestSlowReaderGetsEveryVerdict(t *testing.T) {
	s := start(t, longest(time.Minute))
	const n = 100
	c := flood(t, s, n)
	time.Sleep(3 * time.Second) // until partial results are dropped
	for range n {
		if got := c.last(); got.GetVerdict() == nil {
			t.Fatalf("got %v, want a verdict", got)
		}
	}
}

func TestUnreadStreamEnds(t *testing.T) {
	s := start(t, longest(time.Second))
	c := flood(t, s, 3000)
	ended := func() bool {
		return strings.Contains(s.metrics(), `code="DeadlineExceeded"`) && s.inFlight(0)
	}
	waitFor(t, ended)
	waitFor(t, func() bool { return !running("(*conversation).") }) // nothing holds its texts
	var err error
	for err == nil { // what was sent before is still there to be read
		_, err = c.Recv()
	}
	wantError(t, err, codes.DeadlineExceeded, "ANSWERS_NOT_READ")
}

// running tells whether any goroutine is in a function of that name.
func running(name string) bool {
	stacks := make([]byte, 4<<20) // some hundred goroutines are kept for each server
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), name)
}

// A client that takes a little at a time is slow, not gone.
func TestSlowStreamGoesOn(t *testing.T) {
	s := start(t, longest(2*time.Second))
	c := flood(t, s, 40)
	for {
		_, err := c.Recv()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // together longer than one Send may take
	}
}

func TestShutdownCutsOffUnreadStreams(t *testing.T) {
	s := start(t, longest(time.Minute))
	flood(t, s, 3000)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
