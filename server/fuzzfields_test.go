package server_test

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Whatever the fields of a request hold, a call and a stream say the same of it: a verdict
// on the text, or that the request is the sender's mistake. A bad word blocks whatever
// stands around it.
func FuzzRequests(f *testing.F) {
	for _, text := range []string{"hello", "bad words", "dirty \x00 words", "", strings.Repeat("a", 5000), "ｂａｄ", "\u202ebad"} {
		f.Add(text, "", "user", "agent", "key", "value", int32(0), int32(1), uint32(0), false)
		f.Add(text, "other", "", "", "", "", int32(-1), int32(99), uint32(1), true)
	}
	s := start(f)
	f.Fuzz(func(t *testing.T, text, policy, user, agent, key, value string, direction, origin int32, limit uint32, detect bool) {
		for _, part := range []string{text, policy, user, agent, key, value} {
			if !utf8.ValidString(part) {
				t.Skip("no client can write it")
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r := &pb.ValidateRequest{
			Text: text, Policy: policy, Direction: pb.Direction(direction), Origin: pb.Origin(origin), TokenLimit: limit, DetectOnly: detect,
			Context: &pb.RequestContext{UserId: user, AgentId: agent, Annotations: map[string]string{key: value}},
		}
		called, err := s.Validate(ctx, r)
		streamed, reason := s.streamOne(ctx, t, r)
		if (err == nil) != (streamed != nil) || called.GetDecision() != streamed.GetDecision() {
			t.Errorf("called: %v, %v; streamed: %v, %s", called.GetDecision(), err, streamed.GetDecision(), reason)
		}
		if code := status.Code(err); code != codes.OK && code != codes.InvalidArgument && code != codes.PermissionDenied && code != codes.ResourceExhausted { // the last by a text that says so, see script
			t.Errorf("%v", err)
		}
		if err == nil && called.GetPolicyDecision() == pb.Decision_DECISION_ALLOW && strings.Contains(text, "bad") {
			t.Errorf("%q passes", text)
		}
	})
}

// streamOne asks on a stream of its own.
func (s *service) streamOne(ctx context.Context, t *testing.T, r *pb.ValidateRequest) (*pb.ValidateResponse, string) {
	t.Helper()
	stream, err := s.ValidateStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&pb.ValidateStreamRequest{Id: "1", Request: r}); err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := stream.Recv()
		switch {
		case err != nil:
			return nil, err.Error()
		case m.GetVerdict() != nil:
			return m.GetVerdict(), ""
		case m.GetRejection() != nil:
			return nil, m.GetRejection().GetReason()
		}
	}
}
