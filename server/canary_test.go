package server_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// No text that was sent may be found in anything that outlives its request.
func TestNoTextLeaks(t *testing.T) {
	const canary = "zebra-canary-7041"
	s := start(t, func(c *server.Config) { c.MaxInFlight = 1 })
	requests := []*pb.ValidateRequest{
		{Text: canary},
		{Text: "bad " + canary, Direction: pb.Direction_DIRECTION_OUTPUT},
		{Text: "fail " + canary},
		{Text: "panic " + canary},
		{Text: "index " + canary},
		{Text: "full " + canary},
		{Text: canary, Policy: "nope " + canary},
		{Text: canary, Direction: 9},
		{Text: canary, DetectOnly: true},
		{Text: canary + strings.Repeat("a", 1<<20)},
		{Text: canary, Context: &pb.RequestContext{ComplianceFrameworks: []string{canary}}},
	}
	var told strings.Builder
	for _, r := range requests {
		out, err := s.Validate(t.Context(), r)
		told.WriteString(prototext.Format(out))
		told.WriteString(prototext.Format(status.Convert(err).Proto()))
		c := s.open(t)
		c.send(&pb.ValidateStreamRequest{Id: "a", Request: r})
		for {
			answer := c.next()
			told.WriteString(prototext.Format(answer))
			if answer.GetCheck() == nil {
				break
			}
		}
		c.send(&pb.ValidateStreamRequest{Request: r})
		_, err = c.Recv()
		told.WriteString(prototext.Format(status.Convert(err).Proto()))
	}
	for _, e := range s.recorder.all() {
		e.Claims = server.Claims{} // recorded as sent, and the last request put the canary there
		fmt.Fprintf(&told, "%+v %+v %+v\n", e, e.Result, e.Refusal)
	}
	for where, what := range map[string]string{"an answer or a record": told.String(), "the log": s.logs.String(), "a metric": s.metrics()} {
		if strings.Contains(what, "zebra") {
			t.Errorf("a text is in %s", where)
		}
	}
	if !strings.Contains(s.logs.String(), "finished call") || !strings.Contains(s.logs.String(), "text judged") {
		t.Error("the log is not on, so the test shows nothing")
	}
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
}
