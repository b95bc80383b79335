package server_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// talk opens a stream and has an answer on it, so that it is there.
func (s *service) talk(t *testing.T) *stream {
	t.Helper()
	c := s.open(t)
	c.ask("1", "hello")
	c.last()
	return c
}

func TestMoreCallsThanMayBeOpen(t *testing.T) {
	s := start(t, func(c *server.Config) { c.MaxCalls, c.PerCaller.Calls = 3, 3 })
	first := s.talk(t)
	s.talk(t)
	s.talk(t)
	var trailer metadata.MD
	_, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"}, grpc.Trailer(&trailer))
	if _, retry := wantError(t, err, codes.ResourceExhausted, "TOO_MANY_CALLS"); retry == nil || len(trailer.Get("grpc-retry-pushback-ms")) != 1 {
		t.Error("not told when to come again: ", retry, trailer)
	}
	if err := s.calls()["Health/Check"](t.Context()); err != nil {
		t.Error("health depends on how many calls there are: ", err)
	}
	if !strings.Contains(s.metrics(), `portcullis_refusals_total{reason="TOO_MANY_CALLS"} 1`) {
		t.Error("not counted")
	}
	first.cancel()
	waitFor(t, func() bool {
		_, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"})
		return err == nil
	})
}

func TestACallerLeavesCallsForOthers(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)), func(c *server.Config) { c.MaxCalls = 5 })
	as := func(name string) context.Context {
		return carrying(t.Context(), i.Token(map[string]any{"sub": name, "roles": "validator"}))
	}
	for range 4 {
		s.talkAs(as("alice"), t)
	}
	_, err := s.Validate(as("alice"), &pb.ValidateRequest{Text: "hello"})
	if _, retry := wantError(t, err, codes.ResourceExhausted, "CALLER_TOO_MANY_CALLS"); retry == nil {
		t.Error("not told when to come again")
	}
	if _, err := s.Validate(as("bob"), &pb.ValidateRequest{Text: "hello"}); err != nil {
		t.Error(err)
	}
}

// Nobody is asked for a message who may not call: the refusal comes while it is written.
func TestStrangersAreNotListenedTo(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)))
	for _, method := range []string{validate, converse, pb.ValidationService_GetServerInfo_FullMethodName} {
		c := dialRaw(t, s.loopback(t))
		id := c.call(method, "authorization", "Bearer nonsense")
		c.must(c.frames.WriteData(id, false, message(1<<20, 1000)))
		if got := c.status(id).Code(); got != codes.Unauthenticated {
			t.Errorf("%s: %s", method, got)
		}
	}
}

// Health has room for those who mean it, however many begin to ask and do not end.
func TestHalfQuestionsDoNotStopHealth(t *testing.T) {
	s := start(t)
	addr := s.loopback(t)
	for range 10 {
		c := dialRaw(t, addr)
		c.discard()
		for range 4 {
			c.must(c.frames.WriteData(c.call(healthpb.Health_Check_FullMethodName), false, message(1<<20, 1<<10)))
		}
		if err := s.calls()["Health/Check"](t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAConnectionHasFewWatches(t *testing.T) {
	s := start(t)
	watch := func() error {
		w, err := healthpb.NewHealthClient(s.conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil {
			return err
		}
		_, err = w.Recv()
		return err
	}
	for range 4 {
		if err := watch(); err != nil {
			t.Fatal(err)
		}
	}
	if _, retry := wantError(t, watch(), codes.ResourceExhausted, "CONNECTION_TOO_MANY_CALLS"); retry == nil {
		t.Error("not told when to come again")
	}
}

// Who may call and does not end its message is waited for as long as a text may take, and
// told so: in gRPC's way, and in the words of the contract.
func TestAMessageThatDoesNotEnd(t *testing.T) {
	s := start(t, func(c *server.Config) { c.DefaultDeadline, c.MaxDeadline = time.Second, time.Second })
	c := dialRaw(t, s.loopback(t))
	id := c.call(validate)
	c.must(c.frames.WriteData(id, false, message(1000, 10)))
	waitFor(t, reading)
	c.wantPushback(id, codes.DeadlineExceeded, "MESSAGE_TOO_SLOW")
	waitFor(t, func() bool { return !reading() }) // with the call, not with the connection
	waitFor(t, func() bool {
		return s.openCalls(0) && strings.Contains(s.logs.String(), "the message did not come in time")
	})
	if !strings.Contains(s.metrics(), `portcullis_refusals_total{reason="MESSAGE_TOO_SLOW"} 1`) {
		t.Error("not counted")
	}
}

// reading tells whether any message is being read.
func reading() bool {
	stacks := make([]byte, 4<<20)
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "(*heard).read(")
}

// A stranger that only stands there leaves for whoever comes; who has called does not.
func TestConnectionsOfStrangersLeave(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)), func(c *server.Config) { c.Connections.Max = 4 })
	ctx := carrying(t.Context(), i.Token(map[string]any{"roles": "validator"}))
	honest := s.talkAs(ctx, t)
	addr := s.loopback(t)
	var ended []<-chan struct{}
	for range 20 {
		ended = append(ended, dialRaw(t, addr).discard())
	}
	for _, e := range ended[:17] {
		<-e
	}
	if err := honest.Send(&pb.ValidateStreamRequest{Id: "2", Request: &pb.ValidateRequest{Text: "hello"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := honest.Recv(); err != nil {
		t.Error("who may call has lost its connection: ", err)
	}
	if !strings.Contains(s.metrics(), `portcullis_connections_closed_total{why="displaced"} 17`) {
		t.Error(s.metrics())
	}
}

// A caller who opens every connection there is leaves room for another, and for health.
func TestACallerLeavesConnectionsForOthers(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)), func(c *server.Config) { c.Connections.Max = 5 })
	addr := s.loopback(t)
	connect := func(name string) (context.Context, *service) {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		as := carrying(t.Context(), i.Token(map[string]any{"sub": name, "roles": "validator"}))
		return as, &service{ValidationServiceClient: pb.NewValidationServiceClient(conn), conn: conn}
	}
	for range 4 {
		alice, c := connect("alice")
		c.talkAs(alice, t)
	}
	alice, fifth := connect("alice")
	_, err := fifth.Validate(alice, &pb.ValidateRequest{Text: "hello"})
	if _, retry := wantError(t, err, codes.ResourceExhausted, "CALLER_TOO_MANY_CONNECTIONS"); retry == nil {
		t.Error("not told when to come again")
	}
	bob, own := connect("bob")
	own.talkAs(bob, t)
	if err := own.calls()["Health/Check"](t.Context()); err != nil {
		t.Error(err)
	}
	if page := s.metrics(); !strings.Contains(page, `portcullis_connections_closed_total{why="displaced"} 1`) {
		t.Error("nobody has left for the other caller")
	}
}

func (s *service) talkAs(ctx context.Context, t *testing.T) grpc.BidiStreamingClient[pb.ValidateStreamRequest, pb.ValidateStreamResponse] {
	t.Helper()
	c, err := s.ValidateStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(&pb.ValidateStreamRequest{Id: "1", Request: &pb.ValidateRequest{Text: "hello"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Recv(); err != nil {
		t.Fatal(err)
	}
	return c
}
