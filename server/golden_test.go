package server_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

var update = flag.Bool("update", false, "write what the server answers into testdata")

// The cases show what goes over the wire: a request, what a stream answers to it
// (its checks by name) and what a unary call does. The files are txtar archives.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			comment, rest, _ := strings.Cut(string(data), "-- request.json --\n")
			request, _, _ := strings.Cut(rest, "-- stream.json --\n")
			got := comment + "-- request.json --\n" + request + answers(t, request)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got != string(data) && !*update {
				t.Errorf("got\n%s\nrun with -update if that is right", got)
			}
		})
	}
}

// answers sends the request both ways and checks that the answers agree.
func answers(t *testing.T, request string) string {
	s := start(t, func(c *server.Config) { c.AllowDetectOnly = true })
	var r pb.ValidateRequest
	if err := protojson.Unmarshal([]byte(request), &r); err != nil {
		t.Fatal(err)
	}
	c := s.open(t)
	c.send(&pb.ValidateStreamRequest{Id: "case", Request: &r})
	var checks []*pb.ValidateStreamResponse
	last := c.next()
	for ; last.GetCheck() != nil; last = c.next() {
		checks = append(checks, last)
	}
	slices.SortFunc(checks, func(a, b *pb.ValidateStreamResponse) int {
		return strings.Compare(a.GetCheck().GetReport().GetCheck(), b.GetCheck().GetReport().GetCheck())
	})
	var out strings.Builder
	out.WriteString("-- stream.json --\n")
	for _, m := range checks {
		out.WriteString(indented(t, m))
	}
	verdict, err := s.Validate(t.Context(), &r)
	if err != nil {
		out.WriteString(indented(t, last))
		fmt.Fprintf(&out, "-- error.txt --\n%v\n", err)
		return out.String()
	}
	streamed := last.GetVerdict()
	streamed.ValidationId, streamed.Audit = verdict.GetValidationId(), verdict.GetAudit()
	text := indented(t, verdict)
	if got := indented(t, streamed); got != text {
		t.Errorf("the stream said %s, the unary call %s", got, text)
	}
	return out.String() + "-- verdict.json --\n" + text
}

// indented is JSON without the times, which differ from run to run. protojson
// alone is not stable: it adds spaces at random.
func indented(t *testing.T, m proto.Message) string {
	t.Helper()
	switch m := m.(type) {
	case *pb.ValidateResponse:
		m.Elapsed = nil
		for _, c := range m.GetChecks() {
			c.Elapsed = nil
		}
	case *pb.ValidateStreamResponse:
		if c := m.GetCheck(); c != nil {
			c.Report.Elapsed = nil
		}
	}
	raw, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}
