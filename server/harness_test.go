package server_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is a server in this process, a client of it, and what it left behind.
type service struct {
	server *server.Server
	pb.ValidationServiceClient
	conn     *grpc.ClientConn
	recorder *recorder
	logs     *buffer
	gate     chan struct{} // open it to let texts that say "wait" go on
}

// start serves until the test ends.
func start(t testing.TB, change ...func(*server.Config)) *service {
	t.Helper()
	cfg := server.DefaultConfig()
	for _, c := range change {
		c(&cfg)
	}
	s := &service{recorder: &recorder{}, logs: &buffer{}, gate: make(chan struct{})}
	engine := newEngine(t, words{}, script{s.gate})
	loaded := server.Loaded{Engine: engine, Models: []server.Model{{Name: "fake", Digest: "sha256:1", Labels: []string{"risk"}}}, TokenEncoding: "words"}
	var n atomic.Int64
	s.serve(t, cfg, loaded,
		server.WithRecorder(s.recorder),
		server.WithLogger(slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		server.WithIDs(func() string { return fmt.Sprintf("id-%04d", n.Add(1)) }))
	return s
}

func newEngine(t testing.TB, checks ...guard.Check) *guard.Engine {
	t.Helper()
	cfg := guard.DefaultConfig()
	cfg.DefaultPolicy = "default"
	engine, err := guard.NewEngine(cfg, []guard.Policy{policy{"default"}, policy{"other"}, policy{"rewrites"}}, checks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return engine
}

func (s *service) serve(t testing.TB, cfg server.Config, loaded server.Loaded, opts ...server.Option) {
	t.Helper()
	var borrowed atomic.Int64
	acquire := func() (server.Loaded, func()) {
		borrowed.Add(1)
		return loaded, func() { borrowed.Add(-1) }
	}
	var err error
	if s.server, err = server.New(cfg, acquire, opts...); err != nil {
		t.Fatal(err)
	}
	lis := bufconn.Listen(1 << 20)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := s.server.Serve(lis); err != nil {
			t.Error(err)
		}
	})
	s.conn, err = grpc.NewClient("passthrough:///bufconn",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	s.ValidationServiceClient = pb.NewValidationServiceClient(s.conn)
	t.Cleanup(func() {
		_ = s.conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		serving.Wait()
		if n := borrowed.Load(); n != 0 {
			t.Errorf("%d engines were not released", n)
		}
		if err := loaded.Engine.Close(ctx); err != nil {
			t.Error(err)
		}
	})
}

// metrics is the page that Prometheus gets.
func (s *service) metrics() string {
	w := httptest.NewRecorder()
	s.server.HTTPHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// inFlight tells whether exactly n texts are.
func (s *service) inFlight(n int) bool {
	return strings.Contains(s.metrics(), fmt.Sprintf("portcullis_texts_in_flight %d\n", n))
}

// open starts a stream that ends with the test.
func (s *service) open(t testing.TB) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	raw, err := s.ValidateStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return &stream{raw, cancel, t}
}

type stream struct {
	grpc.BidiStreamingClient[pb.ValidateStreamRequest, pb.ValidateStreamResponse]
	cancel context.CancelFunc
	t      testing.TB
}

func (s *stream) ask(id, text string) {
	s.t.Helper()
	s.send(&pb.ValidateStreamRequest{Id: id, Request: &pb.ValidateRequest{Text: text}})
}

func (s *stream) send(r *pb.ValidateStreamRequest) {
	s.t.Helper()
	if err := s.Send(r); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stream) next() *pb.ValidateStreamResponse {
	s.t.Helper()
	r, err := s.Recv()
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// last skips what checks found, up to the verdict or rejection of any text.
func (s *stream) last() *pb.ValidateStreamResponse {
	s.t.Helper()
	for {
		if r := s.next(); r.GetCheck() == nil {
			return r
		}
	}
}

// wantError checks code and reason of a status and returns its details.
func wantError(t testing.TB, err error, code codes.Code, reason string) (bad *errdetails.BadRequest, retry *errdetails.RetryInfo) {
	t.Helper()
	var got string
	for _, d := range status.Convert(err).Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			got = d.GetReason()
		case *errdetails.BadRequest:
			bad = d
		case *errdetails.RetryInfo:
			retry = d
		}
	}
	if status.Code(err) != code || got != reason {
		t.Errorf("got %v (reason %q), want %v with reason %q", err, got, code, reason)
	}
	return bad, retry
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
