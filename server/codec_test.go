package server

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/portcullis-ai/portcullis/internal/door"
)

// reset is a stream whose client has reset it while an answer was on its way: gRPC's writer
// knows the stream no more, and forgets what comes for it.
type reset struct {
	grpc.ServerStream
	ctx  context.Context
	data mem.BufferSlice
}

func (r *reset) Context() context.Context { return r.ctx }

func (r *reset) SendMsg(m any) (err error) {
	r.data, err = newCodec().Marshal(m)
	return err
}

// An answer that gRPC forgets is nobody's debt, and one that it lets go of then after all is
// not counted out twice.
func TestAnAnswerAfterAResetIsNoDebt(t *testing.T) {
	conn := owing(t, 1<<10)
	live, end := context.WithCancel(t.Context())
	stream := &reset{ctx: live}
	a, message := answering{stream, conn}, wrapperspb.String(strings.Repeat("a", 2<<10))
	if err := a.SendMsg(message); err != nil || !conn.Indebted() {
		t.Fatal("owes nothing for an answer that waits", err)
	}
	if stream.data.Free(); conn.Indebted() {
		t.Fatal("owes something for an answer that was written")
	}
	end()
	if err := a.SendMsg(message); err != nil || conn.Indebted() {
		t.Error("owes something for an answer that gRPC forgets", err)
	}
	stream.data.Free()
	if conn.Owe(1<<10 + 1); !conn.Indebted() {
		t.Error("it was counted out twice")
	}
}

// owing is a connection that may owe so many bytes.
func owing(t *testing.T, most int64) *door.Conn {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	there, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := door.New(door.Limits{Debt: most}, slog.New(slog.DiscardHandler)).Listen(l).Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _ = conn.Close(), there.Close(), l.Close() })
	return conn.(*door.Conn)
}

// What waits for a client takes little more memory than its bytes, whatever their number,
// and is what the client would read.
func TestAnswersFit(t *testing.T) {
	for _, size := range []int{0, 1, 1 << 10, 5 << 10, 40 << 10, 900 << 10} {
		want := wrapperspb.String(strings.Repeat("a", size))
		data, err := newCodec().Marshal(&answer{message: want})
		if err != nil {
			t.Fatal(err)
		}
		held, mark := 0, data[len(data)-1]
		for _, b := range data[:len(data)-1] {
			held += cap(b.ReadOnlyData())
		}
		if most := data.Len() + 32<<10; held > most || mark.Len() != 0 {
			t.Errorf("%d bytes are held for %d", held, data.Len())
		}
		got := &wrapperspb.StringValue{}
		if err := newCodec().Unmarshal(data, got); err != nil || !proto.Equal(got, want) {
			t.Errorf("%d bytes: %v", size, err)
		}
		data.Free()
	}
}
