package server_test

import (
	"slices"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc/metadata"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// A text is a child of the span that its caller named, its checks are children of it, and
// no span holds any of it.
func TestSpansOfAText(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	s := &service{recorder: &recorder{}, logs: &buffer{}, gate: make(chan struct{})}
	s.serve(t, server.DefaultConfig(), server.Loaded{Engine: newEngine(t, words{}, script{s.gate})},
		server.WithTracer(sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)).Tracer("test")))
	const theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
	ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", "00-"+theirs+"-00f067aa0ba902b7-01")
	if _, err := s.Validate(ctx, &pb.ValidateRequest{Text: "a hidden word"}); err != nil {
		t.Fatal(err)
	}
	_, _ = s.Validate(ctx, &pb.ValidateRequest{Text: "a hidden word", Policy: "unknown"})
	var names []string
	for _, span := range spans.Ended() {
		names = append(names, span.Name())
		if got := span.SpanContext().TraceID().String(); got != theirs {
			t.Errorf("%s belongs to trace %s", span.Name(), got)
		}
		for _, a := range span.Attributes() {
			if strings.Contains(a.Value.String(), "hidden") {
				t.Errorf("%s holds text: %v", span.Name(), a)
			}
		}
	}
	slices.Sort(names)
	if want := []string{"check script", "check words", "text", "text"}; !slices.Equal(names, want) {
		t.Errorf("spans %q, want %q", names, want)
	}
}

func TestTheProfilerIsServedOnlyWhereItIsAskedFor(t *testing.T) {
	for on, want := range map[bool]int{false: 404, true: 200} {
		s := start(t, func(c *server.Config) { c.Pprof = on })
		if got := s.get("/debug/pprof/"); got != want {
			t.Errorf("pprof %v: %d, want %d", on, got, want)
		}
	}
}
