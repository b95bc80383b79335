package main

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

func TestPrintVerdict(t *testing.T) {
	const text = "Mail ann@example.org\x1b[2J now"
	v := &pb.ValidateResponse{
		Decision: pb.Decision_DECISION_SANITIZE, PolicyDecision: pb.Decision_DECISION_SANITIZE,
		RiskScore: 0.5, Policy: "balanced", TokenCount: proto.Uint32(7), Elapsed: durationpb.New(8300 * time.Microsecond),
		Findings: []*pb.Finding{
			{Check: "pattern", Rule: "sensitive.email", Severity: pb.Severity_SEVERITY_MEDIUM, Score: 0.9, Message: "an e-mail address", Span: &pb.Span{StartByte: 5, EndByte: 24}},
			{Check: "classifier", Rule: "m/toxic", Severity: pb.Severity_SEVERITY_LOW, Score: 0.2, Message: "the model reads this as toxic"},
		},
		Scores: []*pb.LabelScore{{Model: "m", Label: "toxic", Score: 0.2}},
		Checks: []*pb.CheckReport{
			{Check: "article", State: pb.CheckState_CHECK_STATE_NOT_APPLICABLE},
			{Check: "classifier", State: pb.CheckState_CHECK_STATE_FAILED, Coverage: 0.5, Elapsed: durationpb.New(time.Millisecond), Error: "device lost"},
		},
		SanitizedText: new("Mail [EMAIL] now"),
	}
	want := strings.Join([]string{
		"SANITIZE  risk 0.50  policy balanced  7 tokens  8.3ms",
		"",
		"findings",
		`  medium  0.90  sensitive.email  an e-mail address              5–24 “ann@example.org\u{1B}[2J”`,
		`  low     0.20  m/toxic          the model reads this as toxic  the whole text`,
		"",
		"scores",
		"  m/toxic  0.2000  ████················",
		"",
		"checks",
		"  article     not applicable",
		"  classifier  failed          50 % seen  1ms  device lost",
		"",
		"sanitised text",
		"Mail [EMAIL] now",
		"",
	}, "\n")
	var b strings.Builder
	if err := printVerdict(&b, text, v, false); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("a text drives the terminal")
	}
	b.Reset()
	if err := printVerdict(&b, text, v, true); err != nil {
		t.Fatal(err)
	}
	if plainText := stripInk(b.String()); plainText != want {
		t.Errorf("colours change the layout:\n%s", plainText)
	}
}

// stripInk removes what paint adds.
func stripInk(s string) string {
	for _, i := range []ink{bold, dim, red, yellow, green, blue} {
		s = strings.ReplaceAll(s, "\x1b["+string(i)+"m", "")
	}
	return strings.ReplaceAll(s, "\x1b[0m", "")
}

func TestExcerptIsShort(t *testing.T) {
	text := strings.Repeat("é", 100)
	got := excerpt(text, &pb.Span{StartByte: 0, EndByte: 200})
	if want := "0–200 “" + strings.Repeat("é", 40) + "…”"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDecisionExitBlocksWhatItDoesNotKnow(t *testing.T) {
	for d, want := range map[pb.Decision]int{
		pb.Decision_DECISION_ALLOW:       exitOK,
		pb.Decision_DECISION_SANITIZE:    exitSanitize,
		pb.Decision_DECISION_REVIEW:      exitReview,
		pb.Decision_DECISION_BLOCK:       exitBlock,
		pb.Decision_DECISION_UNSPECIFIED: exitBlock,
		pb.Decision(99):                  exitBlock,
	} {
		if got := report(stdio{}, decisionExit(d)); got != want {
			t.Errorf("%s: exit %d, want %d", d, got, want)
		}
	}
}
