package server_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

func TestStreamSendsEachCheckThenOneVerdict(t *testing.T) {
	s := start(t)
	c := s.open(t)
	c.ask("a", "wait, bad")
	c.ask("b", "wait")
	first := c.next()
	for first.GetId() != "b" || first.GetCheck().GetReport().GetCheck() != "words" {
		first = c.next() // what came while the other still waits
	}
	close(s.gate)
	if got := c.last(); got.GetId() == "" || got.GetVerdict() == nil {
		t.Errorf("got %v, want a verdict", got)
	}
}

func TestAnswersInterleave(t *testing.T) {
	s := start(t)
	c := s.open(t)
	c.ask("slow", "wait")
	c.ask("quick", "hello")
	if got := c.last(); got.GetId() != "quick" || got.GetVerdict().GetDecision() != pb.Decision_DECISION_ALLOW {
		t.Fatalf("got %v, want the verdict of quick", got)
	}
	close(s.gate)
	if got := c.last(); got.GetId() != "slow" || got.GetVerdict() == nil {
		t.Fatalf("got %v, want the verdict of slow", got)
	}
}

func TestVerdictRepeatsEveryPartialResult(t *testing.T) {
	s := start(t)
	c := s.open(t)
	c.ask("a", "some bad and dirty words")
	reports, findings, scores := 0, 0, 0
	for {
		r := c.next()
		if v := r.GetVerdict(); v != nil {
			if len(v.GetChecks()) != reports || len(v.GetFindings()) != findings || len(v.GetScores()) != scores || findings != 2 || scores != 1 {
				t.Errorf("%d reports, %d findings, %d scores before %v", reports, findings, scores, v)
			}
			return
		}
		reports++
		findings += len(r.GetCheck().GetFindings())
		scores += len(r.GetCheck().GetScores())
	}
}

func TestBadRequestsAreOnlyRejected(t *testing.T) {
	s := start(t)
	c := s.open(t)
	bad := []*pb.ValidateStreamRequest{
		{Id: "unset"},
		{Id: "enum", Request: &pb.ValidateRequest{Direction: 9}},
		{Id: strings.Repeat("i", 129), Request: &pb.ValidateRequest{}},
		{Id: "policy", Request: &pb.ValidateRequest{Policy: "nope"}},
	}
	for _, r := range bad {
		c.send(r)
		if got := c.last(); got.GetId() != r.GetId() || codes.Code(got.GetRejection().GetCode()) != codes.InvalidArgument {
			t.Errorf("got %v, want a rejection of %.10q", got, r.GetId())
		}
	}
	c.ask("good", "hello")
	if got := c.last(); got.GetVerdict() == nil {
		t.Errorf("got %v, want a verdict: the stream goes on", got)
	}
}

func TestBadIDsEndTheStream(t *testing.T) {
	s := start(t)
	empty := s.open(t)
	empty.ask("", "hello")
	_, err := empty.Recv()
	wantError(t, err, codes.InvalidArgument, "EMPTY_ID")

	twice := s.open(t)
	twice.ask("a", "wait")
	twice.ask("a", "hello")
	for err = nil; err == nil; {
		_, err = twice.Recv()
	}
	wantError(t, err, codes.InvalidArgument, "DUPLICATE_ID")
}

func TestFinishedIDsAreFree(t *testing.T) {
	c := start(t).open(t)
	for range 100 {
		c.ask("again", "hello")
		if got := c.last(); got.GetVerdict() == nil {
			t.Fatalf("got %v", got)
		}
	}
}

func TestHalfCloseAnswersAllThenOK(t *testing.T) {
	s := start(t)
	c := s.open(t)
	const n = 200 // more than may be unfinished
	go func() {
		for i := range n {
			_ = c.Send(&pb.ValidateStreamRequest{Id: fmt.Sprint(i), Request: &pb.ValidateRequest{Text: "hello"}})
		}
		_ = c.CloseSend()
	}()
	seen := make(map[string]int)
	for {
		r, err := c.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.GetVerdict() != nil {
			seen[r.GetId()]++
		}
	}
	for i := range n {
		if seen[fmt.Sprint(i)] != 1 {
			t.Errorf("%d verdicts for %d", seen[fmt.Sprint(i)], i)
		}
	}
}

func TestStreamInFlightIsBounded(t *testing.T) {
	s := start(t, func(c *server.Config) { c.StreamInFlight = 4 })
	c := s.open(t)
	for i := range 20 {
		c.ask(fmt.Sprint(i), "wait")
	}
	for range 4 {
		c.next() // words of each text that was taken
	}
	time.Sleep(50 * time.Millisecond) // for a fifth to come, if it were wrong
	if !s.inFlight(4) {
		t.Error("not 4 texts are in flight")
	}
	close(s.gate)
	for range 20 {
		if got := c.last(); got.GetVerdict() == nil {
			t.Errorf("got %v", got)
		}
	}
}

func TestClientGoneCancelsTheWork(t *testing.T) {
	s := start(t)
	c := s.open(t)
	c.ask("a", "wait")
	c.next()
	c.cancel()
	waitFor(t, func() bool { return s.inFlight(0) })
	waitFor(t, func() bool {
		events := s.recorder.all()
		return len(events) == 1 && events[0].Refusal != nil && events[0].Refusal.Reason == "CANCELLED"
	})
}

func TestStreamTextsHaveDeadlinesOfTheirOwn(t *testing.T) {
	s := start(t, func(c *server.Config) { c.DefaultDeadline, c.MaxDeadline = time.Second, time.Second })
	c := s.open(t)
	for _, id := range []string{"a", "b"} {
		c.ask(id, "wait")
		got := c.last()
		if checks := got.GetVerdict().GetChecks(); len(checks) == 0 || checks[0].GetState() != pb.CheckState_CHECK_STATE_TIMED_OUT {
			t.Errorf("%s: %v", id, got)
		}
	}
}

func TestRecorderErrorRejectsOnAStream(t *testing.T) {
	s := start(t)
	s.recorder.fail = errors.New("disk full")
	c := s.open(t)
	c.ask("a", "hello")
	if r := c.last().GetRejection(); r.GetReason() != "AUDIT_UNAVAILABLE" || codes.Code(r.GetCode()) != codes.Unavailable {
		t.Errorf("got %v", r)
	}
}

// A client that sends and never reads is held by flow control and ends cleanly.
func TestClientThatDoesNotRead(t *testing.T) {
	s := start(t, func(c *server.Config) { c.StreamInFlight = 2 })
	c := s.open(t)
	time.AfterFunc(200*time.Millisecond, c.cancel)
	text := strings.Repeat("dirty ", 500)
	for i := 0; ; i++ {
		err := c.Send(&pb.ValidateStreamRequest{Id: fmt.Sprint(i), Request: &pb.ValidateRequest{Text: text}})
		if err != nil {
			break
		}
	}
	if _, err := c.Recv(); err != nil && status.Code(err) != codes.Canceled {
		t.Errorf("got %v", err)
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for range 200 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("it did not happen in time")
}
