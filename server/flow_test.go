package server_test

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc/peer"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// flows keeps whose turn each text would take in a batcher.
type flows struct{ seen chan batching.Flow }

func (flows) Name() string { return "words" }

func (f flows) Inspect(ctx context.Context, _ *guard.Text) (guard.Inspection, error) {
	f.seen <- batching.FlowFrom(ctx)
	return guard.Inspection{Coverage: 1}, nil
}

func startWithFlows(t *testing.T) (*service, flows) {
	t.Helper()
	s, f := &service{}, flows{make(chan batching.Flow, 1)}
	s.serve(t, server.DefaultConfig(), server.Loaded{Engine: newEngine(t, f, script{})})
	return s, f
}

func TestTurnsAreSharedByHost(t *testing.T) {
	s, f := startWithFlows(t)
	tests := []struct {
		from net.Addr
		want string
	}{
		{&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1000}, "192.0.2.1"},
		{&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 2000}, "192.0.2.1"},
		{&net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 1000}, "192.0.2.2"},
		{&net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 1000}, "2001:db8::1"},
		{&net.UnixAddr{Name: "@", Net: "unix"}, "@"},
		{&net.UnixAddr{Net: "unix"}, ""},
		{nil, ""},
	}
	for _, tt := range tests {
		ctx := peer.NewContext(t.Context(), &peer.Peer{Addr: tt.from})
		if _, err := s.server.Validate(ctx, &pb.ValidateRequest{Text: "hello"}); err != nil {
			t.Fatal(err)
		}
		if got := <-f.seen; got.Key != tt.want {
			t.Errorf("from %v: the turn of %q, want that of %q", tt.from, got.Key, tt.want)
		}
	}
}

func TestStreamsShareTheTurnOfTheirCaller(t *testing.T) {
	s, f := startWithFlows(t)
	c := s.open(t)
	for _, id := range []string{"a", "b"} {
		c.ask(id, "hello")
		if got := <-f.seen; got.Key != "bufconn" {
			t.Errorf("%s has the turn of %q", id, got.Key)
		}
	}
}
