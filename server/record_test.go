package server_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

func TestVerdictsAreRecorded(t *testing.T) {
	s := start(t)
	out, err := s.Validate(t.Context(), &pb.ValidateRequest{
		Text: "bad", Direction: pb.Direction_DIRECTION_OUTPUT, TokenLimit: 7,
		Context: &pb.RequestContext{UserId: "u", AgentId: "a", ComplianceFrameworks: []string{"GDPR"}, Annotations: map[string]string{"k": "v"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := out.GetAudit(); r.GetLog() != "test" || r.GetIndex() != 1 {
		t.Errorf("receipt %v", r)
	}
	e := s.recorder.all()[0]
	if e.ID != out.GetValidationId() || e.RequestID == "" || e.Received.IsZero() || e.TextBytes != 3 || e.Refusal != nil ||
		e.Method != "/portcullis.v1.ValidationService/Validate" || e.Models[0].Digest != "sha256:1" {
		t.Errorf("recorded %+v", e)
	}
	if e.Claims.UserID != "u" || e.Claims.AgentID != "a" || e.Claims.Frameworks[0] != "GDPR" || e.Claims.Annotations["k"] != "v" {
		t.Errorf("claims %+v", e.Claims)
	}
	if e.Meta.Direction != guard.Output || e.Meta.Origin != guard.OriginModel || e.Meta.TokenLimit != 7 {
		t.Errorf("meta %+v", e.Meta)
	}
	if e.Result.Decision != guard.Block || e.Result.Policy != "default" || len(e.Result.Findings) != 1 {
		t.Errorf("result %+v", e.Result)
	}
	h := hmac.New(sha256.New, []byte("key"))
	h.Write([]byte("bad"))
	if !bytes.Equal(s.recorder.macs[0], h.Sum(nil)) {
		t.Error("the MAC is not that of the text")
	}
}

func TestRefusalsAreRecorded(t *testing.T) {
	s := start(t)
	_, err := s.Validate(t.Context(), &pb.ValidateRequest{Policy: "nope"})
	wantError(t, err, codes.InvalidArgument, "UNKNOWN_POLICY")
	c := s.open(t)
	c.send(&pb.ValidateStreamRequest{Id: "a"})
	c.last()
	c.ask("", "hello")
	_, err = c.Recv()
	wantError(t, err, codes.InvalidArgument, "EMPTY_ID")
	want := []string{"UNKNOWN_POLICY", "INVALID_REQUEST", "EMPTY_ID"}
	events := s.recorder.all()
	if len(events) != len(want) {
		t.Fatalf("%d events, want %d", len(events), len(want))
	}
	for i, e := range events {
		if e.Refusal.Reason != want[i] || e.Refusal.Code != codes.InvalidArgument || e.Result != nil || e.ID == "" {
			t.Errorf("recorded %+v, want %s", e.Refusal, want[i])
		}
	}
}

func TestEveryTextIsCounted(t *testing.T) {
	s := start(t)
	for _, text := range []string{"hello", "bad", "full"} {
		_, _ = s.Validate(t.Context(), &pb.ValidateRequest{Text: text})
	}
	page := s.metrics()
	for _, line := range []string{
		`portcullis_calls_total{code="OK",method="/portcullis.v1.ValidationService/Validate"} 2`,
		`portcullis_calls_total{code="ResourceExhausted",method="/portcullis.v1.ValidationService/Validate"} 1`,
		`portcullis_decisions_total{decision="ALLOW",policy="default"} 1`,
		`portcullis_decisions_total{decision="BLOCK",policy="default"} 1`,
		`portcullis_refusals_total{reason="OVERLOADED"} 1`,
		`portcullis_check_duration_seconds_count{check="script",state="completed"} 2`,
		`portcullis_texts_in_flight 0`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
}
