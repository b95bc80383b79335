package server_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// dictation is a ValidateOutput as its client sees it.
type dictation struct {
	grpc.BidiStreamingClient[pb.ValidateOutputRequest, pb.ValidateOutputResponse]
	cancel context.CancelFunc
	t      testing.TB
}

// dictate opens a text that only the check of words judges; script cannot follow.
func (s *service) dictate(t testing.TB, o *pb.ValidateOutputOpen) *dictation {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	raw, err := s.ValidateOutput(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d := &dictation{raw, cancel, t}
	if o != nil {
		d.send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Open{Open: o}})
	}
	return d
}

func (d *dictation) send(r *pb.ValidateOutputRequest) {
	d.t.Helper()
	if err := d.Send(r); err != nil && !errors.Is(err, io.EOF) {
		d.t.Fatal(err)
	}
}

func (d *dictation) write(chunks ...string) *dictation {
	d.t.Helper()
	for _, c := range chunks {
		d.send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Chunk{Chunk: c}})
	}
	return d
}

func (d *dictation) end() *dictation {
	d.t.Helper()
	d.send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_End{End: &pb.ValidateOutputEnd{}}})
	return d
}

// answers reads to the verdict and to the end of the stream, and checks what holds
// for all texts.
func (d *dictation) answers() (verdict *pb.ValidateResponse, told []*pb.Finding, marks []uint32) {
	d.t.Helper()
	last := uint32(0)
	for {
		r, err := d.Recv()
		if errors.Is(err, io.EOF) {
			return verdict, told, marks
		}
		if err != nil {
			d.t.Fatal(err)
		}
		if r.GetSafeThroughByte() < last || verdict != nil {
			d.t.Errorf("%v after %d, verdict %v", r, last, verdict)
		}
		last, verdict = r.GetSafeThroughByte(), r.GetVerdict()
		told, marks = append(told, r.GetFindings()...), append(marks, last)
	}
}

func (d *dictation) wantEnd(code codes.Code, reason string) {
	d.t.Helper()
	for {
		r, err := d.Recv()
		if err != nil {
			wantError(d.t, err, code, reason)
			return
		}
		if r.GetVerdict() != nil {
			d.t.Fatalf("verdict %v", r)
		}
	}
}

var system = &pb.ValidateOutputOpen{Origin: pb.Origin_ORIGIN_SYSTEM}

func TestOutputIsClearedAsItComes(t *testing.T) {
	s := start(t)
	d := s.dictate(t, system)
	text := "Grüße aus Köln, "
	first := strings.Repeat(text, 3)
	d.write(first)
	r, err := d.Recv()
	if err != nil || int(r.GetSafeThroughByte()) != len(first) || int(r.GetSafeThroughCodepoint()) != utf8.RuneCountInString(first) {
		t.Fatalf("%v, %v", r, err)
	}
	verdict, told, marks := d.write(strings.Split(strings.Repeat(text, 3), "")...).end().answers()
	whole := strings.Repeat(text, 6)
	if verdict.GetDecision() != pb.Decision_DECISION_ALLOW || len(told) > 0 || int(marks[len(marks)-1]) != len(whole) {
		t.Errorf("%v, %v, %v", verdict, told, marks)
	}
	want, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: whole, Direction: pb.Direction_DIRECTION_OUTPUT, Origin: pb.Origin_ORIGIN_SYSTEM})
	if err != nil {
		t.Fatal(err)
	}
	verdict.ValidationId, verdict.Audit = want.GetValidationId(), want.GetAudit()
	if a, b := indented(t, verdict), indented(t, want); a != b {
		t.Errorf("the stream said %s, the unary call %s", a, b)
	}
	events := s.recorder.all()
	if e := events[0]; e.TextBytes != len(whole) || e.Method != pb.ValidationService_ValidateOutput_FullMethodName || e.Result == nil || !slices.Equal(s.recorder.macs[0], s.recorder.macs[1]) {
		t.Errorf("recorded %+v", e)
	}
}

func TestOutputEndsAtABlock(t *testing.T) {
	s := start(t)
	d := s.dictate(t, system).write("nothing wrong so far, but then it turns bad ", "and goes on as if nothing had happened ")
	verdict, told, marks := d.answers() // there was no end
	if verdict.GetDecision() != pb.Decision_DECISION_BLOCK || len(told) != 1 || told[0].GetRule() != "words.bad" {
		t.Errorf("%v, %v", verdict, told)
	}
	if at := told[0].GetSpan().GetStartByte(); marks[len(marks)-1] > at {
		t.Errorf("cleared to %v, bad is at %d", marks, at)
	}
	waitFor(t, func() bool { return s.inFlight(0) })
}

func TestOutputToBeSanitisedBeginsWithWhatWasCleared(t *testing.T) {
	s := start(t)
	text := "some words that are clean, then dirty ones and again many clean words to the end "
	verdict, told, marks := s.dictate(t, system).write(strings.SplitAfter(text, " ")...).end().answers()
	mark := marks[len(marks)-1]
	if verdict.GetDecision() != pb.Decision_DECISION_SANITIZE || len(told) != 1 || mark > uint32(strings.Index(text, "dirty")) {
		t.Fatalf("%v, %v, %v", verdict, told, marks)
	}
	if !strings.HasPrefix(verdict.GetSanitizedText(), text[:mark]) {
		t.Errorf("%q does not begin with %q", verdict.GetSanitizedText(), text[:mark])
	}
}

func TestOutputThatOnlyDetectsIsCleared(t *testing.T) {
	s := start(t, func(c *server.Config) { c.AllowDetectOnly = true })
	d := s.dictate(t, &pb.ValidateOutputOpen{DetectOnly: true}).write("bad")
	r, err := d.Recv()
	if err != nil || r.GetSafeThroughByte() != 3 {
		t.Fatalf("%v, %v", r, err)
	}
	verdict, _, _ := d.end().answers()
	if verdict.GetDecision() != pb.Decision_DECISION_ALLOW || verdict.GetPolicyDecision() != pb.Decision_DECISION_BLOCK {
		t.Errorf("%v", verdict)
	}
}

func TestOutputOfNothingIsAllowed(t *testing.T) {
	verdict, _, _ := start(t).dictate(t, system).write("").end().answers()
	if verdict.GetDecision() != pb.Decision_DECISION_ALLOW {
		t.Errorf("%v", verdict)
	}
}

func TestOutputThatIsRefused(t *testing.T) {
	s := start(t)
	open := func(o *pb.ValidateOutputOpen) *dictation { return s.dictate(t, o) }
	half := func(d *dictation) *dictation { _ = d.CloseSend(); return d }
	for name, tt := range map[string]struct {
		d      *dictation
		code   codes.Code
		reason string
	}{
		"cut off":        {half(open(system).write("half a")), codes.InvalidArgument, "NOT_ENDED"},
		"not opened":     {open(nil).write("text"), codes.InvalidArgument, "NOT_OPENED"},
		"empty stream":   {half(open(nil)), codes.InvalidArgument, "NOT_OPENED"},
		"unknown policy": {open(&pb.ValidateOutputOpen{Policy: "none"}), codes.InvalidArgument, "UNKNOWN_POLICY"},
		"whole text":     {open(&pb.ValidateOutputOpen{Policy: "rewrites"}), codes.InvalidArgument, "POLICY_NEEDS_WHOLE_TEXT"},
		"unknown origin": {open(&pb.ValidateOutputOpen{Origin: 99}), codes.InvalidArgument, "INVALID_REQUEST"},
		"detect only":    {open(&pb.ValidateOutputOpen{DetectOnly: true}), codes.PermissionDenied, "DETECT_ONLY_DENIED"},
		"too long":       {open(system).write(strings.Repeat("x", 1<<19), strings.Repeat("x", 1<<19), "x"), codes.InvalidArgument, "TEXT_TOO_LONG"},
		"nothing at all": {func() *dictation { d := open(system); d.send(&pb.ValidateOutputRequest{}); return d }(), codes.InvalidArgument, "NO_PAYLOAD"},
		"opened twice": {func() *dictation {
			d := open(system)
			d.send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Open{Open: system}})
			return d
		}(), codes.InvalidArgument, "OPENED_TWICE"},
		"words after end": {open(&pb.ValidateOutputOpen{}).write("wait for it, all who read this ").end().write("more"), codes.InvalidArgument, "AFTER_END"},
	} {
		t.Run(name, func(t *testing.T) { tt.d.t = t; tt.d.wantEnd(tt.code, tt.reason) })
	}
	waitFor(t, func() bool { return s.inFlight(0) })
}

// short makes deadlines of d, and output bounded by o.
func short(d time.Duration, o server.Output) func(*server.Config) {
	return func(c *server.Config) { c.DefaultDeadline, c.MaxDeadline, c.Output = d, d, o }
}

func TestOutputHasADeadline(t *testing.T) {
	s := start(t, short(100*time.Millisecond, server.Output{MaxIdle: time.Minute, MaxTime: 100 * time.Millisecond}))
	s.dictate(t, system).write("a text that nobody goes on with").wantEnd(codes.DeadlineExceeded, "DEADLINE_EXCEEDED")
	waitFor(t, func() bool { return s.inFlight(0) })
}

// A model writes for longer than a text that is there may take.
func TestOutputOutlivesTheDeadlinesOfTexts(t *testing.T) {
	t.Parallel()
	s := start(t, short(2*time.Second, server.Output{MaxIdle: time.Minute, MaxTime: time.Minute}))
	d := s.dictate(t, system).write("a text whose writer ")
	time.Sleep(3 * time.Second)
	d.write("takes the time that it needs ")
	if verdict, _, marks := d.end().answers(); verdict.GetDecision() != pb.Decision_DECISION_ALLOW || len(marks) == 0 {
		t.Errorf("%v, %v", verdict, marks)
	}
}

// Who does not open, write or end keeps neither a permit nor a stream; who sends empty
// chunks is not silent.
func TestOutputOfASilentWriter(t *testing.T) {
	t.Parallel()
	s := start(t, short(time.Minute, server.Output{MaxIdle: 2 * time.Second, MaxTime: time.Minute}))
	never, once := s.dictate(t, nil), s.dictate(t, system).write("a text that nobody goes on with")
	never.wantEnd(codes.DeadlineExceeded, "WRITER_IDLE")
	once.wantEnd(codes.DeadlineExceeded, "WRITER_IDLE")
	waitFor(t, func() bool { return s.inFlight(0) && !running("(*dictation).") })
	d := s.dictate(t, system)
	for range 25 {
		time.Sleep(100 * time.Millisecond)
		d.write("")
	}
	if verdict, _, _ := d.end().answers(); verdict == nil {
		t.Error("no verdict")
	}
}

// Whoever leaves, with or without reading, leaves nothing behind.
func TestOutputThatIsGivenUp(t *testing.T) {
	s := start(t)
	for range 20 {
		d := s.dictate(t, system).write(strings.Split(strings.Repeat("dirty words ", 200), "")...)
		d.cancel()
	}
	waitFor(t, func() bool { return s.inFlight(0) && !running("(*dictation).") })
	waitFor(t, func() bool { return len(s.recorder.all()) > 0 })
	for _, e := range s.recorder.all() {
		if e.Refusal == nil || e.Refusal.Reason != "CANCELLED" {
			t.Errorf("recorded %+v, %+v", e, e.Refusal)
		}
	}
}

// A client that writes and does not read gets everything in few messages once it
// does, and holds no permit when the verdict is there.
func TestOutputThatIsNotRead(t *testing.T) {
	s := start(t, func(c *server.Config) { c.AllowDetectOnly = true })
	d := s.dictate(t, &pb.ValidateOutputOpen{Origin: pb.Origin_ORIGIN_SYSTEM, DetectOnly: true})
	d.write(strings.SplitAfter(strings.Repeat("words that are dirty and words that are bad ", 300), "t")...).end()
	waitFor(t, func() bool { return s.inFlight(0) })
	verdict, told, _ := d.answers()
	if verdict == nil || len(told) != 600 {
		t.Errorf("%d findings, verdict %v", len(told), verdict)
	}
}

func TestOutputIsRefusedWhereTheServiceIsFull(t *testing.T) {
	s := start(t, func(c *server.Config) { c.MaxInFlight = 1 })
	first := s.dictate(t, system).write("a text that takes its time, as texts do ")
	waitFor(t, func() bool { return s.inFlight(1) })
	s.dictate(t, system).wantEnd(codes.ResourceExhausted, "TOO_MANY_TEXTS")
	if verdict, _, _ := first.end().answers(); verdict == nil {
		t.Error("no verdict")
	}
}

func TestOutputAndDraining(t *testing.T) {
	s := start(t)
	idle, begun := s.dictate(t, nil), s.dictate(t, system).write("a text that is being written when the server drains ")
	waitFor(t, func() bool { return s.inFlight(1) })
	done := s.shutdown(10 * time.Second)
	idle.wantEnd(codes.Unavailable, "DRAINING")
	if verdict, _, _ := begun.end().answers(); verdict.GetDecision() != pb.Decision_DECISION_ALLOW {
		t.Errorf("%v", verdict)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestOutputVerdictIsWithheldIfNotRecorded(t *testing.T) {
	s := start(t)
	s.recorder.fail = errors.New("disk full")
	s.dictate(t, system).write("hello").end().wantEnd(codes.Unavailable, "AUDIT_UNAVAILABLE")
}
