package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// dictateTo sends a text in chunks of about so many bytes, and ends it when so much is
// cleared. It returns the verdict, a line for each finding, and the last watermark.
func dictateTo(t *testing.T, client pb.ValidationServiceClient, text string, size, until int) (verdict *pb.ValidateResponse, lines []string, through int) {
	t.Helper()
	stream, err := client.ValidateOutput(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cleared := make(chan struct{})
	go func(cleared <-chan struct{}) {
		_ = stream.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Open{Open: &pb.ValidateOutputOpen{}}})
		for from := 0; from < len(text); {
			to := min(from+size, len(text))
			for to < len(text) && !utf8.RuneStart(text[to]) {
				to++
			}
			_ = stream.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Chunk{Chunk: text[from:to]}})
			from = to
		}
		<-cleared
		_ = stream.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_End{End: &pb.ValidateOutputEnd{}}})
		_ = stream.CloseSend()
	}(cleared)
	for {
		if cleared != nil && through >= until {
			close(cleared)
			cleared = nil
		}
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return verdict, lines, through
		}
		if err != nil {
			t.Fatal(err)
		}
		through, verdict = int(r.GetSafeThroughByte()), r.GetVerdict()
		for _, f := range r.GetFindings() {
			lines = append(lines, fmt.Sprintf("found %s at %d–%d", f.GetRule(), f.GetSpan().GetStartByte(), f.GetSpan().GetEndByte()))
		}
	}
}

func validateOutput(t *testing.T, client pb.ValidationServiceClient, text string) *pb.ValidateResponse {
	t.Helper()
	reply, err := client.Validate(t.Context(), &pb.ValidateRequest{Text: text, Direction: pb.Direction_DIRECTION_OUTPUT})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// TestTheStreamingPageTellsTheTruth runs the example of docs/streaming.md, which
// holds the answer and what came of it.
func TestTheStreamingPageTellsTheTruth(t *testing.T) {
	page, err := os.ReadFile("../../docs/streaming.md")
	if err != nil {
		t.Fatal(err)
	}
	const question = "The museum opens at ten. "
	text := strings.Repeat(question, 60) + "For a tour, write to tours@museum.example.org. " + strings.Repeat(question, 40)
	verdict, lines, through := dictateTo(t, served.client, text, 25, strings.Index(text, "tours@"))
	lines = append(lines, fmt.Sprintf("cleared %d of %d bytes", through, len(text)), "decision "+verdict.GetDecision().String())
	for _, l := range lines {
		if !strings.Contains(string(page), l+"\n") {
			t.Errorf("the page does not say %q", l)
		}
	}
}
