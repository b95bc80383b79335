package server_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// Messages that are none, as bytes.
var (
	notUTF8     = []byte("\x0a\x02a\xff")          // a first field, a text, of two bytes
	notProtobuf = []byte{0x0a, 0xff}               // a length without its end
	nested      = []byte{0x12, 0x03, 0x0a, 0x05}   // a second field cut off within
	notTheType  = []byte("\x0a\x02id\x12\x01\xff") // a message, or a text, that is none
)

// What is no message of a method gets an answer in the service's words, whatever the method,
// and is counted and recorded as any other refusal.
func TestMessagesThatAreNone(t *testing.T) {
	s := start(t)
	for _, tt := range []struct {
		method string
		sent   []byte
		code   codes.Code
		reason string
	}{
		{validate, notUTF8, codes.Internal, "TEXT_NOT_UTF8"},
		{validate, notProtobuf, codes.InvalidArgument, "MALFORMED_MESSAGE"},
		{converse, notUTF8, codes.Internal, "TEXT_NOT_UTF8"},
		{converse, nested, codes.InvalidArgument, "MALFORMED_MESSAGE"},
		{converse, notTheType, codes.InvalidArgument, "MALFORMED_MESSAGE"},
		{pb.ValidationService_ValidateOutput_FullMethodName, notProtobuf, codes.InvalidArgument, "MALFORMED_MESSAGE"},
		{pb.ValidationService_GetServerInfo_FullMethodName, notProtobuf, codes.InvalidArgument, "MALFORMED_MESSAGE"},
		{"/grpc.health.v1.Health/Check", notUTF8, codes.Internal, "TEXT_NOT_UTF8"},
		{"/grpc.health.v1.Health/Watch", notProtobuf, codes.InvalidArgument, "MALFORMED_MESSAGE"},
		{reflect, notUTF8, codes.Internal, "TEXT_NOT_UTF8"},
	} {
		if _, retry := wantError(t, s.exchange(t.Context(), tt.method, tt.sent), tt.code, tt.reason); retry != nil {
			t.Errorf("%s: a retry cannot help", tt.method)
		}
	}
	for reason, n := range map[string]string{"TEXT_NOT_UTF8": "4", "MALFORMED_MESSAGE": "5"} { // without the output that was not opened
		if !strings.Contains(s.metrics(), `portcullis_refusals_total{reason="`+reason+`"} `+n+"\n") {
			t.Errorf("%s was not counted %s times", reason, n)
		}
	}
	recorded := make(map[string]int)
	for _, e := range s.recorder.all() {
		recorded[e.Refusal.Reason]++
	}
	if recorded["TEXT_NOT_UTF8"] != 2 || recorded["MALFORMED_MESSAGE"] != 4 { // of callers, not of who asks for health
		t.Errorf("recorded %v", recorded)
	}
}

// A chunk that ends within a code point ends the stream, after what came before it, and no
// verdict comes.
func TestAChunkThatIsNotUTF8(t *testing.T) {
	s := start(t)
	open := marshal(t, &pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Open{Open: &pb.ValidateOutputOpen{Origin: pb.Origin_ORIGIN_SYSTEM}}})
	chunk := marshal(t, &pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Chunk{Chunk: "two words"}})
	chunk[len(chunk)-1] = 0xe4
	wantError(t, s.exchange(t.Context(), pb.ValidationService_ValidateOutput_FullMethodName, open, chunk), codes.Internal, "TEXT_NOT_UTF8")
	waitFor(t, func() bool { return s.inFlight(0) })
	if all := s.recorder.all(); len(all) != 1 || all[0].Refusal == nil || all[0].Refusal.Reason != "TEXT_NOT_UTF8" {
		t.Errorf("recorded %v", all)
	}
}

// A message that cannot be read ends a stream: whose it was is not known. The verdicts that
// were sent before arrive.
func TestAMessageThatIsNoneEndsAStream(t *testing.T) {
	s := start(t)
	c, err := s.conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, converse, grpc.ForceCodecV2(wire{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SendMsg(marshal(t, &pb.ValidateStreamRequest{Id: "1", Request: &pb.ValidateRequest{Text: "hello"}})); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for range 3 { // two checks and the verdict
		if err := c.RecvMsg(&got); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.SendMsg(notProtobuf); err != nil {
		t.Fatal(err)
	}
	wantError(t, c.RecvMsg(&got), codes.InvalidArgument, "MALFORMED_MESSAGE")
}

// unknown are methods that there are not, with credentials or without.
var unknown = []string{"/portcullis.v1.ValidationService/Nothing", "/nobody.v1.Service/Nothing", "/grpc.health.v1.Health/Nothing", "/a/b/c"}

func TestUnknownMethods(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)))
	for _, ctx := range []context.Context{t.Context(), carrying(t.Context(), i.Token(map[string]any{"roles": "validator"}))} {
		for _, method := range unknown {
			var trailer metadata.MD
			err := s.conn.Invoke(ctx, method, &pb.GetServerInfoRequest{}, &pb.GetServerInfoResponse{}, grpc.Trailer(&trailer))
			if _, retry := wantError(t, err, codes.Unimplemented, "UNKNOWN_METHOD"); retry != nil || strings.Contains(err.Error(), "Nothing") {
				t.Errorf("%s: %v", method, err)
			}
			if len(trailer.Get("x-request-id")) != 1 {
				t.Errorf("%s: the call has no name: %v", method, trailer)
			}
		}
	}
	if !strings.Contains(s.metrics(), `portcullis_refusals_total{reason="UNKNOWN_METHOD"} 8`+"\n") {
		t.Error("not counted")
	}
	long := "/nobody.v1.Service/" + strings.Repeat("n", 10<<10)
	wantError(t, s.conn.Invoke(t.Context(), long, &pb.GetServerInfoRequest{}, &pb.GetServerInfoResponse{}), codes.Unimplemented, "UNKNOWN_METHOD")
	if log := s.logs.String(); !strings.Contains(log, `"method":"/nobody.v1.Service/Nothing","reason":"UNKNOWN_METHOD"`) || strings.Contains(log, strings.Repeat("n", 200)) {
		t.Error("not logged, or at any length")
	}
	if all := s.recorder.all(); len(all) != 0 {
		t.Errorf("recorded: %v", all)
	}
	waitFor(t, func() bool { return s.openCalls(0) })
}

// Unknown methods have no more places than others: where there is none for a call there is
// none for these, and nothing of what they send is read.
func TestUnknownMethodsTakePlaces(t *testing.T) {
	s := start(t, func(c *server.Config) { c.MaxCalls, c.PerCaller.Calls = 1, 1 })
	first := s.talk(t)
	var trailer metadata.MD
	err := s.conn.Invoke(t.Context(), unknown[0], &pb.GetServerInfoRequest{}, &pb.GetServerInfoResponse{}, grpc.Trailer(&trailer))
	if _, retry := wantError(t, err, codes.ResourceExhausted, "TOO_MANY_CALLS"); retry == nil || len(trailer.Get("grpc-retry-pushback-ms")) != 1 {
		t.Error("not told when to come again: ", retry, trailer)
	}
	first.cancel()
	waitFor(t, func() bool { return s.openCalls(0) })
	c := dialRaw(t, s.loopback(t))
	id := c.call(unknown[1])
	c.must(c.frames.WriteData(id, false, message(1<<20, 100)))
	wantError(t, c.status(id).Err(), codes.Unimplemented, "UNKNOWN_METHOD")
	waitFor(t, func() bool { return s.openCalls(0) })
}
