package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// lines returns those of the log that tell of calls that have ended.
func lines(t *testing.T, log string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l["msg"] == "finished call" {
			all = append(all, l)
		}
	}
	return all
}

func TestEveryCallHasALine(t *testing.T) {
	s := start(t)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "mine")
	if _, err := s.Validate(ctx, &pb.ValidateRequest{Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Validate(ctx, &pb.ValidateRequest{Text: "hello", Policy: "none such"}); err == nil {
		t.Fatal("no error")
	}
	if _, err := healthpb.NewHealthClient(s.conn).Check(ctx, &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	got := lines(t, s.logs.String())
	if len(got) != 2 {
		t.Fatalf("%d lines, want two: health checks have none", len(got))
	}
	for i, want := range []map[string]any{
		{"level": "INFO", "grpc.code": "OK", "grpc.error": nil},
		{"level": "INFO", "grpc.code": "InvalidArgument", "grpc.error": "no policy of that name is loaded; GetServerInfo lists those that are"},
	} {
		want["grpc.service"], want["grpc.method"], want["grpc.method_type"] = "portcullis.v1.ValidationService", "Validate", "unary"
		want["request_id"], want["peer.address"] = "mine", "bufconn"
		for key, value := range want {
			if got[i][key] != value {
				t.Errorf("line %d: %s is %v, want %v", i, key, got[i][key], value)
			}
		}
		if ms, ok := got[i]["grpc.time_ms"].(float64); !ok || ms < 0 {
			t.Errorf("line %d: took %v", i, got[i]["grpc.time_ms"])
		}
	}
}

func TestCallsAreNotLoggedWhereNobodyAsks(t *testing.T) {
	s := start(t, func(c *server.Config) { c.LogRequests = false })
	if _, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, s.logs.String()); len(got) > 0 {
		t.Errorf("%v", got)
	}
}
