package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

func TestRefusals(t *testing.T) {
	s := start(t)
	long := strings.Repeat("a", 1<<20+1)
	tests := []struct {
		name   string
		req    *pb.ValidateRequest
		code   codes.Code
		reason string
		field  string
	}{
		{"text too long", &pb.ValidateRequest{Text: long}, codes.InvalidArgument, "TEXT_TOO_LONG", "text"},
		{"unknown policy", &pb.ValidateRequest{Policy: "nope"}, codes.InvalidArgument, "UNKNOWN_POLICY", "policy"},
		{"unknown direction", &pb.ValidateRequest{Direction: 77}, codes.InvalidArgument, "INVALID_REQUEST", "direction"},
		{"unknown origin", &pb.ValidateRequest{Origin: 77}, codes.InvalidArgument, "INVALID_REQUEST", "origin"},
		{
			"unknown framework", &pb.ValidateRequest{Context: &pb.RequestContext{ComplianceFrameworks: []string{"ISO"}}},
			codes.InvalidArgument, "INVALID_REQUEST", "context.compliance_frameworks[0]",
		},
		{"detect only", &pb.ValidateRequest{DetectOnly: true}, codes.PermissionDenied, "DETECT_ONLY_DENIED", ""},
		{"overloaded", &pb.ValidateRequest{Text: "full"}, codes.ResourceExhausted, "OVERLOADED", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Validate(t.Context(), tt.req)
			bad, retry := wantError(t, err, tt.code, tt.reason)
			if got := bad.GetFieldViolations(); (len(got) > 0) != (tt.field != "") || tt.field != "" && got[0].GetField() != tt.field {
				t.Errorf("violations %v, want of %q", got, tt.field)
			}
			if got := retry.GetRetryDelay().AsDuration(); (got > 0) != (tt.code == codes.ResourceExhausted) {
				t.Errorf("retry after %s", got)
			}
			c := s.open(t)
			c.send(&pb.ValidateStreamRequest{Id: "x", Request: tt.req})
			r := c.last().GetRejection()
			if r.GetReason() != tt.reason || codes.Code(r.GetCode()) != tt.code || (r.GetRetryAfter() != nil) != (retry != nil) {
				t.Errorf("on a stream: %v, want the same as %v", r, err)
			}
		})
	}
}

func TestMessageFarTooBigIsRefusedByGRPC(t *testing.T) {
	s := start(t)
	_, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: strings.Repeat("a", 3<<20)})
	if _, retry := wantError(t, err, codes.ResourceExhausted, ""); retry != nil {
		t.Error("a retry cannot help")
	}
}

func TestFailingChecksBlock(t *testing.T) {
	s := start(t)
	for _, text := range []string{"fail zebra", "panic zebra", "index zebra"} {
		out, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		c := out.GetChecks()[0] // script
		if out.GetDecision() != pb.Decision_DECISION_BLOCK || c.GetState() != pb.CheckState_CHECK_STATE_FAILED || c.Score != nil {
			t.Errorf("%s: %v", text, out)
		}
		if c.GetError() == "" || strings.Contains(c.GetError(), "zebra") {
			t.Errorf("%s: error %q", text, c.GetError())
		}
	}
}

func TestSlowCheckTimesOutWithAVerdict(t *testing.T) {
	s := start(t, func(c *server.Config) { c.DefaultDeadline = 2 * time.Second })
	out, err := s.Validate(context.Background(), &pb.ValidateRequest{Text: "wait"})
	if err != nil {
		t.Fatal(err)
	}
	c := out.GetChecks()[0]
	if out.GetDecision() != pb.Decision_DECISION_BLOCK || c.GetState() != pb.CheckState_CHECK_STATE_TIMED_OUT || c.GetCoverage() != 0.5 {
		t.Errorf("got %v", out)
	}
}

func TestLongDeadlinesAreCut(t *testing.T) {
	s := start(t, func(c *server.Config) { c.DefaultDeadline, c.MaxDeadline = time.Second, 2*time.Second })
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	began := time.Now()
	if _, err := s.Validate(ctx, &pb.ValidateRequest{Text: "wait"}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > time.Minute { // far from 2 s, for a busy machine, and far from an hour
		t.Errorf("took %s", took)
	}
}

func TestFullServiceRefusesAndRecovers(t *testing.T) {
	s := start(t, func(c *server.Config) { c.MaxInFlight = 1 })
	c := s.open(t)
	c.ask("first", "wait")
	c.next() // words has finished, so the text is in flight
	_, err := s.Validate(t.Context(), &pb.ValidateRequest{})
	if _, retry := wantError(t, err, codes.ResourceExhausted, "TOO_MANY_TEXTS"); retry == nil {
		t.Error("no RetryInfo")
	}
	close(s.gate)
	c.last()
	if _, err := s.Validate(t.Context(), &pb.ValidateRequest{}); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

func TestDetectOnlyWhereAllowed(t *testing.T) {
	s := start(t, func(c *server.Config) { c.AllowDetectOnly = true })
	out, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "bad", DetectOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if out.GetDecision() != pb.Decision_DECISION_ALLOW || out.GetPolicyDecision() != pb.Decision_DECISION_BLOCK || !out.GetDetectOnly() {
		t.Errorf("got %v", out)
	}
}

func TestFindingsAreTruncatedButAllCount(t *testing.T) {
	s := start(t, func(c *server.Config) { c.MaxFindings = 3 })
	out, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: strings.Repeat("dirty ", 9) + "bad"})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.GetFindings()) != 3 || !out.GetFindingsTruncated() || out.GetRiskScore() != 0.9 {
		t.Errorf("got %v", out)
	}
}

func TestNoRecordNoVerdict(t *testing.T) {
	s := start(t)
	s.recorder.fail = errors.New("disk full")
	_, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"})
	wantError(t, err, codes.Unavailable, "AUDIT_UNAVAILABLE")
	if strings.Contains(err.Error(), "disk") || !strings.Contains(s.logs.String(), "disk full") {
		t.Error("the cause belongs in the log, not in the answer")
	}
}

func TestServerInfo(t *testing.T) {
	s := start(t)
	out, err := s.GetServerInfo(t.Context(), &pb.GetServerInfoRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p := out.GetPolicies()
	if out.GetVersion() == "" || out.GetMaxTextBytes() != 1<<20 || strings.Join(out.GetChecks(), " ") != "script words" ||
		len(p) != 3 || p[0].GetName() != "default" || !p[0].GetIsDefault() || p[1].GetIsDefault() ||
		out.GetModels()[0].GetDigest() != "sha256:1" || out.GetTokenEncoding() != "words" {
		t.Errorf("got %v", out)
	}
}

func TestRequestIDs(t *testing.T) {
	s := start(t)
	for sent, want := range map[string]string{"trace-7f.3": "trace-7f.3", "two parts": "id-", "": "id-"} {
		var header metadata.MD
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", sent)
		if _, err := s.Validate(ctx, &pb.ValidateRequest{}, grpc.Header(&header)); err != nil {
			t.Fatal(err)
		}
		if got := header.Get("x-request-id"); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("sent %q, got %q, want %s", sent, got, want)
		}
	}
}
