package server_test

import (
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// roomy is a limit of memory, in bytes, that tests are far from unless they mean to be.
func roomy() int64 {
	runtime.GC()
	alive := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(alive)
	return 4*int64(alive[0].Value.Uint64()) + 128<<20
}

// With memory full nothing new begins, strangers' connections end, and when there is room
// again all is as before.
func TestWithoutMemory(t *testing.T) {
	limit := roomy()
	s := start(t, func(c *server.Config) { c.Memory = limit })
	open := s.talk(t)
	held := make([]byte, limit)
	runtime.GC()
	waitFor(t, func() bool { return strings.Contains(s.metrics(), "portcullis_memory_full 1\n") })
	_, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"})
	if status.Code(err) == codes.ResourceExhausted {
		wantError(t, err, codes.ResourceExhausted, "MEMORY_FULL")
	} else if status.Code(err) != codes.Unavailable { // its connection was closed
		t.Error(err)
	}
	if err := s.calls()["Health/Check"](t.Context()); err != nil && status.Code(err) != codes.Unavailable {
		t.Error(err)
	}
	runtime.KeepAlive(held)
	runtime.GC()
	waitFor(t, func() bool {
		_, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"})
		return err == nil
	})
	open.cancel()
}

// A service that drains has calls to end, and memory that they can fill.
func TestWithoutMemoryInADrain(t *testing.T) {
	limit := roomy()
	s := start(t, func(c *server.Config) { c.Memory = limit })
	answered := make(chan error, 1)
	go func() {
		_, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "wait"})
		answered <- err
	}()
	waitFor(t, func() bool { return s.inFlight(1) })
	done := s.shutdown(10 * time.Second)
	waitFor(t, func() bool { return !s.isReady() })
	held := make([]byte, limit)
	runtime.GC()
	waitFor(t, func() bool { return strings.Contains(s.metrics(), "portcullis_memory_full 1\n") })
	runtime.KeepAlive(held)
	close(s.gate)
	if err := <-answered; err != nil && status.Code(err) != codes.Unavailable {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// While memory is tight, messages that are still coming are ended, the oldest first, and
// their senders are told when to come again. A caller that has few is left alone.
func TestTightMemoryEndsMessages(t *testing.T) {
	i := authtest.NewIssuer(t)
	limit := roomy()
	s := startGuarded(t, gateOf(t, trusting(i)), func(c *server.Config) { c.Memory = limit })
	bearer := func(name string) string {
		return "Bearer " + i.Token(map[string]any{"sub": name, "roles": "validator"})
	}
	honest, greedy := dialRaw(t, s.loopback(t)), dialRaw(t, s.loopback(t))
	first := honest.call(validate, "authorization", bearer("honest"))
	honest.must(honest.frames.WriteData(first, false, message(7, 0)))
	waitFor(t, func() bool { return s.openCalls(1) })
	for range 100 {
		id := greedy.call(validate, "authorization", bearer("greedy"))
		greedy.must(greedy.frames.WriteData(id, false, message(1000, 10)))
	}
	waitFor(t, func() bool { return s.openCalls(101) })
	held := make([]byte, limit/100*45)
	runtime.GC()
	greedy.wantPushback(anyCall, codes.ResourceExhausted, "MEMORY_FULL")
	waitFor(t, func() bool { return !s.openCalls(101) })
	hello, err := proto.Marshal(&pb.ValidateRequest{Text: "hello"})
	if err != nil || len(hello) != 7 {
		t.Fatal(len(hello), err)
	}
	runtime.KeepAlive(held)
	honest.must(honest.frames.WriteData(first, true, hello))
	if got := honest.status(first); got.Code() != codes.OK {
		t.Errorf("who came first and has one message got %v", got)
	}
}
