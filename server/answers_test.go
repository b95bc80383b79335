package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // as the binary has, for what it sends itself
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

const reflect = reflectionpb.ServerReflection_ServerReflectionInfo_FullMethodName

// window sets how much the server may send on each call, and opens that of the connection.
func (c *rawClient) window(bytes uint32) {
	c.t.Helper()
	c.must(errors.Join(
		c.frames.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: bytes}),
		c.frames.WriteWindowUpdate(0, 1<<20)))
}

// ask makes a call of one message.
func (c *rawClient) ask(method string, m proto.Message) (id uint32) {
	c.t.Helper()
	bytes, err := proto.Marshal(m)
	c.must(err)
	id = c.call(method)
	prefix := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(bytes)))
	c.must(c.frames.WriteData(id, true, append(prefix, bytes...)))
	return id
}

// contract is the question for the contract, whose answer is long.
var contract = &reflectionpb.ServerReflectionRequest{
	MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: pb.ValidationService_ServiceDesc.ServiceName},
}

// contract asks reflection for the contract, and tells whether an answer is on its way; the
// call was refused otherwise.
func (c *rawClient) contract() (id uint32, answered bool) {
	c.t.Helper()
	id = c.ask(reflect, contract)
	h := c.begins(id)
	if h.StreamEnded() {
		wantError(c.t, c.statusOf(fieldsOf(h)).Err(), codes.ResourceExhausted, "CONNECTION_ANSWERS_UNREAD")
	}
	return id, !h.StreamEnded()
}

// Who compresses its questions owes for its answers as others do: they come as they are.
func TestCompressedQuestions(t *testing.T) {
	s := start(t)
	c := dialRaw(t, s.loopback(t))
	plain, err := proto.Marshal(contract)
	c.must(err)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	c.write(w.Write(plain))
	c.must(w.Close())
	id := c.call(reflect, "grpc-encoding", "gzip", "grpc-accept-encoding", "gzip")
	c.must(c.frames.WriteData(id, true, append(binary.BigEndian.AppendUint32([]byte{1}, uint32(packed.Len())), packed.Bytes()...)))
	if h := c.begins(id); h.StreamEnded() || fieldsOf(h)["grpc-encoding"] != "identity" {
		t.Errorf("the answer is not as it was: %v", fieldsOf(h))
	}
}

// A caller for whom many long answers come at once, more than it can take in a moment, has
// no call refused for that.
func TestManyLongAnswersAtOnce(t *testing.T) {
	s := start(t)
	conn, err := grpc.NewClient(s.loopback(t), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStaticStreamWindowSize(64<<10)) // or it would take more and more without being asked to
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var waiting []grpc.ClientStream
	for range 10 { // together longer than the longest message
		c, err := conn.NewStream(t.Context(), &grpc.StreamDesc{}, validate)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat("dirty hello ", 40_000)
		if err := errors.Join(c.SendMsg(&pb.ValidateRequest{Text: text, Policy: "rewrites"}), c.CloseSend()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Header(); err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, c)
	}
	if _, err := pb.NewValidationServiceClient(conn).Validate(t.Context(), &pb.ValidateRequest{Text: "hello"}); err != nil {
		t.Error(err)
	}
	for _, c := range waiting {
		if err := c.RecvMsg(&pb.ValidateResponse{}); err != nil {
			t.Error(err)
		}
	}
}

// A client that asks and takes no answer is soon answered no more, and again once it has
// taken them, or has said that it wants them no more. Others do not notice.
func TestAnswersThatNobodyTakes(t *testing.T) {
	s := start(t)
	c := dialRaw(t, s.loopback(t))
	c.window(0)
	untaken := func() (ids []uint32) {
		for range 100 {
			id, answered := c.contract()
			if !answered {
				return ids
			}
			ids = append(ids, id)
		}
		t.Fatal("a hundred answers wait")
		return nil
	}
	for _, id := range untaken() {
		c.must(c.frames.WriteRSTStream(id, http2.ErrCodeCancel))
	}
	waitFor(t, func() bool { _, answered := c.contract(); return answered })
	ids := untaken()
	if len(ids) == 0 {
		t.Fatal("one answer may wait after the others were given up, and no more")
	}
	if got := c.status(c.ask(validate, &pb.ValidateRequest{Text: "hello"})); got.Code() != codes.ResourceExhausted {
		t.Errorf("another call on this connection: %v", got)
	}
	if err := s.calls()["Health/Check"](t.Context()); err != nil {
		t.Error(err)
	}
	c.window(1 << 20)
	if got := c.status(ids[len(ids)-1]); got.Code() != codes.OK {
		t.Errorf("an answer that was taken late: %v", got)
	}
	waitFor(t, func() bool {
		return c.status(c.ask(healthpb.Health_Check_FullMethodName, &healthpb.HealthCheckRequest{})).Code() == codes.OK
	})
}

// A call counts on its connection until its client has taken its answer.
func TestAConnectionHasSoManyCalls(t *testing.T) {
	s := start(t, func(c *server.Config) { c.Connections.MaxStreams = 3 })
	c := dialRaw(t, s.loopback(t))
	c.window(0)
	for range 3 {
		c.begins(c.ask(validate, &pb.ValidateRequest{Text: "hello"}))
	}
	waitFor(t, func() bool { return s.openCalls(0) })
	refused := c.ask(validate, &pb.ValidateRequest{Text: "hello"})
	for {
		frame, err := c.frames.ReadFrame()
		c.must(err)
		if r, ok := frame.(*http2.RSTStreamFrame); ok {
			if r.StreamID != refused || r.ErrCode != http2.ErrCodeRefusedStream {
				t.Errorf("call %d: %v", r.StreamID, r.ErrCode)
			}
			break
		}
	}
	c.window(1 << 20)
	if got := c.status(1); got.Code() != codes.OK {
		t.Error(got)
	}
	if got := c.status(c.ask(validate, &pb.ValidateRequest{Text: "hello"})); got.Code() != codes.OK {
		t.Error(got)
	}
}
