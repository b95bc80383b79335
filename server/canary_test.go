package server_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

const canary = "zebra-canary-7041"

// traces are the forms in which a part of the canary may be found again. A digest of
// a whole text is none of them: it tells only those who know the text.
func traces() []string {
	forms := []string{"zebra", "arbez", hex.EncodeToString([]byte("zebra")), "122 101 98", "122, 101, 98", "%7a%65%62", `\u007a`}
	for shift := range 3 { // base64 by where the word begins in a group of three bytes
		code := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + canary))
		forms = append(forms, strings.ToLower(code[4:12]))
	}
	return forms
}

// leaked returns the traces of the canary in what.
func leaked(what string) (found []string) {
	for _, form := range traces() {
		if strings.Contains(strings.ToLower(what), form) {
			found = append(found, form)
		}
	}
	return found
}

func TestTracesAreFound(t *testing.T) {
	for _, what := range []string{
		canary, "ZEBRA", fmt.Sprintf("x%x", canary), strings.ToUpper(hex.EncodeToString([]byte(canary))),
		fmt.Sprint([]byte(canary)), //nolint:staticcheck // a list of numbers is the point
		base64.StdEncoding.EncodeToString([]byte("1" + canary)), base64.RawURLEncoding.EncodeToString([]byte("12345" + canary)),
	} {
		if leaked(what) == nil {
			t.Errorf("%s is not seen", what)
		}
	}
	if got := leaked("sha256:7a65626c9f the text has 3 words"); got != nil {
		t.Errorf("seen %v where there is nothing", got)
	}
}

// canaries take every way that there is for a text, and hold the canary in the clear
// and in what a check may decode.
func canaries() []*pb.ValidateRequest {
	hidden := canary + " " + base64.StdEncoding.EncodeToString([]byte("decoded "+canary)) + " " + hex.EncodeToString([]byte(canary))
	return []*pb.ValidateRequest{
		{Text: hidden},
		{Text: "bad " + hidden, Direction: pb.Direction_DIRECTION_OUTPUT},
		{Text: "dirty " + hidden},
		{Text: "fail " + hidden},
		{Text: "panic " + hidden},
		{Text: "index " + hidden},
		{Text: "full " + hidden},
		{Text: "wait " + hidden}, // until the deadline
		{Text: hidden, Policy: "nope " + canary},
		{Text: hidden, Direction: 9},
		{Text: hidden, DetectOnly: true},
		{Text: "bad " + hidden, DetectOnly: true},
		{Text: hidden + strings.Repeat("a", 1<<20)},
		{Text: hidden + strings.Repeat("a", 3<<20)}, // gRPC does not read it
		{Text: hidden, Context: &pb.RequestContext{ComplianceFrameworks: []string{canary}}},
		{Text: hidden, Context: &pb.RequestContext{UserId: canary, AgentId: canary, SessionId: canary, Annotations: map[string]string{"k" + canary: canary}}},
	}
}

// told gathers all that a server said.
type told struct{ strings.Builder }

// answer notes a message without the sanitised text, which is the caller's, and an
// error with its details.
func (w *told) answer(m proto.Message, err error) {
	if v, ok := m.(interface {
		GetVerdict() *pb.ValidateResponse
	}); ok && v.GetVerdict() != nil {
		v.GetVerdict().SanitizedText = nil
	}
	if v, ok := m.(*pb.ValidateResponse); ok && v != nil {
		v.SanitizedText = nil
	}
	if m != nil {
		w.WriteString(prototext.Format(m))
	}
	if err != nil {
		fmt.Fprintln(w, err, prototext.Format(status.Convert(err).Proto()))
	}
}

// await notes what a stream says until it ends or last says that it is enough.
func await[M proto.Message](w *told, recv func() (M, error), last func(M) bool) {
	for {
		m, err := recv()
		if err != nil {
			w.answer(nil, err)
			return
		}
		enough := last(m)
		if w.answer(m, nil); enough {
			return
		}
	}
}

// ways are all methods, and how to send each a text. Methods without a text get the
// canary wherever they take a string.
var ways = map[string]func(ctx context.Context, s *service, r *pb.ValidateRequest, w *told){
	pb.ValidationService_Validate_FullMethodName: func(ctx context.Context, s *service, r *pb.ValidateRequest, w *told) {
		w.answer(s.Validate(ctx, r))
	},
	pb.ValidationService_ValidateStream_FullMethodName: func(ctx context.Context, s *service, r *pb.ValidateRequest, w *told) {
		c, err := s.ValidateStream(ctx)
		if err != nil { // the time was up
			w.answer(nil, err)
			return
		}
		w.answer(nil, c.Send(&pb.ValidateStreamRequest{Id: "a", Request: r}))
		await(w, c.Recv, func(m *pb.ValidateStreamResponse) bool { return m.GetCheck() == nil })
		_ = c.Send(&pb.ValidateStreamRequest{Request: r}) // without an id, which ends the stream
		await(w, c.Recv, func(*pb.ValidateStreamResponse) bool { return false })
	},
	pb.ValidationService_ValidateOutput_FullMethodName: func(ctx context.Context, s *service, r *pb.ValidateRequest, w *told) {
		c, err := s.ValidateOutput(ctx)
		if err != nil {
			w.answer(nil, err)
			return
		}
		open := &pb.ValidateOutputOpen{Policy: r.GetPolicy(), Context: r.GetContext(), DetectOnly: r.GetDetectOnly()}
		_ = c.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Open{Open: open}})
		for chunk := range slices.Chunk([]byte(r.GetText()), 1<<16) {
			_ = c.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Chunk{Chunk: string(chunk)}})
		}
		_ = c.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_End{End: &pb.ValidateOutputEnd{}}})
		_ = c.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Chunk{Chunk: r.GetText()}}) // after the end
		await(w, c.Recv, func(*pb.ValidateOutputResponse) bool { return false })
	},
	pb.ValidationService_GetServerInfo_FullMethodName: func(ctx context.Context, s *service, _ *pb.ValidateRequest, w *told) {
		w.answer(s.GetServerInfo(ctx, &pb.GetServerInfoRequest{}))
	},
	grpc_health_v1.Health_Check_FullMethodName: func(ctx context.Context, s *service, r *pb.ValidateRequest, w *told) {
		w.answer(grpc_health_v1.NewHealthClient(s.conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: r.GetText()}))
	},
	grpc_health_v1.Health_List_FullMethodName: func(ctx context.Context, s *service, _ *pb.ValidateRequest, w *told) {
		w.answer(grpc_health_v1.NewHealthClient(s.conn).List(ctx, &grpc_health_v1.HealthListRequest{}))
	},
	grpc_health_v1.Health_Watch_FullMethodName: func(ctx context.Context, s *service, r *pb.ValidateRequest, w *told) {
		c, err := grpc_health_v1.NewHealthClient(s.conn).Watch(ctx, &grpc_health_v1.HealthCheckRequest{Service: r.GetText()})
		w.answer(nil, err)
		await(w, c.Recv, func(*grpc_health_v1.HealthCheckResponse) bool { return true })
	},
}

// methods are those that the server is registered with.
func methods() (all []string) {
	for _, s := range []grpc.ServiceDesc{pb.ValidationService_ServiceDesc, grpc_health_v1.Health_ServiceDesc} {
		for _, m := range s.Methods {
			all = append(all, "/"+s.ServiceName+"/"+m.MethodName)
		}
		for _, m := range s.Streams {
			all = append(all, "/"+s.ServiceName+"/"+m.StreamName)
		}
	}
	return all
}

// No text that was sent may be found in anything that outlives its request, nor in
// what is said about it.
func TestNoTextLeaks(t *testing.T) {
	for _, method := range methods() {
		t.Run(method, func(t *testing.T) {
			way := ways[method]
			if way == nil {
				t.Fatal("no canary goes this way: add one to ways")
			}
			s := start(t, func(c *server.Config) { c.AllowDetectOnly = true })
			denying := start(t)
			var w told
			for _, r := range canaries() {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				if strings.HasPrefix(r.GetText(), "wait") {
					ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
				}
				way(ctx, s, r, &w)
				way(ctx, denying, r, &w)
				cancel()
				gone, leave := context.WithCancel(t.Context())
				leave()
				w.answer(nil, s.conn.Invoke(gone, method, r, &pb.ValidateResponse{}))
				w.answer(nil, s.conn.Invoke(t.Context(), method, broken(r.GetText()), &pb.ValidateResponse{}, grpc.ForceCodecV2(raw{})))
			}
			for _, s := range []*service{s, denying} {
				s.keepsNothing(t)
			}
			if found := leaked(w.String()); found != nil {
				t.Errorf("an answer holds %q", found)
			}
			if w.Len() == 0 || !strings.Contains(s.logs.String(), "finished call") && !strings.Contains(method, "health") {
				t.Error("nothing was said or logged, so the test shows nothing")
			}
		})
	}
}

// keepsNothing looks for the canary in all that stays.
func (s *service) keepsNothing(t *testing.T) {
	t.Helper()
	var records strings.Builder
	for _, e := range s.recorder.all() {
		e.Claims = server.Claims{} // recorded as sent, and some requests put the canary there
		e.Meta.Labels = nil        // as above
		if e.Result != nil {
			e.Result.Report.Meta.Labels = nil
		}
		fmt.Fprintf(&records, "%+v %+v %+v\n", e, e.Result, e.Refusal)
	}
	for where, what := range map[string]string{"record": records.String(), "log": s.logs.String(), "metrics": s.metrics()} {
		if found := leaked(what); found != nil {
			t.Errorf("the %s holds %q", where, found)
		}
	}
}

// raw sends bytes as they are.
type raw struct{}

var _ encoding.CodecV2 = raw{}

func (raw) Name() string { return "proto" }
func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}
func (raw) Unmarshal(mem.BufferSlice, any) error { return nil }

// broken is a message whose first field is text with a byte that is not UTF-8.
func broken(text string) []byte {
	text = text[:min(len(text), 100)] + "\xff"
	return append([]byte{1<<3 | 2, byte(len(text))}, text...)
}

// Sanitised text is text: it goes to the caller, and nowhere else.
func TestSanitizedTextIsNotRecorded(t *testing.T) {
	s := start(t)
	out, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "a dirty zebra"})
	if err != nil {
		t.Fatal(err)
	}
	if out.GetDecision() != pb.Decision_DECISION_SANITIZE || out.GetSanitizedText() != "a  zebra" {
		t.Errorf("got %v", out)
	}
	if e := s.recorder.all()[0]; e.Result.Sanitized != nil || e.Result.PolicyDecision.String() != "SANITIZE" {
		t.Errorf("recorded %+v", e)
	}
	s.keepsNothing(t)
}
