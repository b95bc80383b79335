package tracing

import (
	"context"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
)

// taker is a collector that keeps the names of spans.
type taker struct {
	collector.UnimplementedTraceServiceServer
	mu    sync.Mutex
	names []string
}

// Export implements the collector's contract.
func (c *taker) Export(_ context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range r.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				c.names = append(c.names, span.GetName())
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

func collect(t *testing.T) (*taker, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, g := &taker{}, grpc.NewServer()
	collector.RegisterTraceServiceServer(g, c)
	go func() { _ = g.Serve(l) }()
	t.Cleanup(g.Stop)
	return c, l.Addr().String()
}

func TestSpansReachTheCollectorAndTheCallerDecides(t *testing.T) {
	c, addr := collect(t)
	tracer, end, err := Open(t.Context(), Config{Endpoint: addr, Insecure: true, Share: 0}, "v1")
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracer.Start(t.Context(), "nobody asked")
	span.End()
	theirs := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled, Remote: true})
	_, span = tracer.Start(trace.ContextWithRemoteSpanContext(t.Context(), theirs), "the caller traces")
	span.End()
	if err := end(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.names) != 1 || c.names[0] != "the caller traces" {
		t.Errorf("the collector has %q", c.names)
	}
}

func TestACollectorThatIsAwayHoldsNothingUp(t *testing.T) {
	tracer, end, err := Open(t.Context(), Config{Endpoint: "127.0.0.1:1", Insecure: true, Share: 1}, "v1")
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracer.Start(t.Context(), "lost")
	span.End()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := end(ctx); err != nil {
		t.Error(err)
	}
}

func TestBadSettings(t *testing.T) {
	for _, c := range []Config{{Endpoint: "collector"}, {Share: -0.1}, {Share: 1.1}, {Share: math.NaN()}} {
		if c.Validate() == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	if tracer, end, err := Open(t.Context(), DefaultConfig(), "v1"); tracer != nil || err != nil || end(t.Context()) != nil {
		t.Error("nothing is to be traced by default")
	}
}
