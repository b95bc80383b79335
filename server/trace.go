package server

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/metadata"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// WithTracer follows texts with spans. The default follows none.
func WithTracer(t trace.Tracer) Option { return func(o *options) { o.tracer = t } }

// trace follows a text from its arrival to its answer, as a child of the span that its
// caller named in traceparent (W3C Trace Context). All texts of a stream are children of
// the stream's.
func (s *Server) trace(next judge) judge {
	if s.tracer == nil {
		return next
	}
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		ctx, span := s.tracer.Start(fromCaller(ctx), "text", trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(t.received),
			trace.WithAttributes(attribute.String("portcullis.validation_id", t.id), attribute.String("rpc.method", t.method)))
		defer span.End()
		out, err := next(ctx, t)
		if err != nil {
			r := refusalOf(err)
			span.SetAttributes(attribute.String("portcullis.refusal", r.reason))
			span.SetStatus(codes.Error, r.reason)
			return nil, err
		}
		span.SetAttributes(attribute.String("portcullis.policy", out.GetPolicy()), attribute.String("portcullis.decision", out.GetDecision().String()),
			attribute.Int("portcullis.bytes", len(t.request.GetText())))
		return out, nil
	}
}

// fromCaller reads the trace context that came with the call.
func fromCaller(ctx context.Context) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	return propagation.TraceContext{}.Extract(ctx, carrier(md))
}

// carrier reads metadata as OpenTelemetry asks for it.
type carrier metadata.MD

// Get implements propagation.TextMapCarrier.
func (c carrier) Get(key string) string {
	if values := metadata.MD(c).Get(key); len(values) == 1 {
		return values[0]
	}
	return ""
}

// Set implements propagation.TextMapCarrier; nothing is sent on.
func (carrier) Set(string, string) {}

// Keys implements propagation.TextMapCarrier.
func (carrier) Keys() []string { return nil }

// traceCheck adds the span of a check that has just ended.
func traceCheck(ctx context.Context, c guard.CheckReport) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return
	}
	ended := time.Now()
	_, span := parent.TracerProvider().Tracer("portcullis").Start(ctx, "check "+c.Check, trace.WithTimestamp(ended.Add(-c.Elapsed)),
		trace.WithAttributes(attribute.String("portcullis.state", c.State.String()), attribute.Float64("portcullis.coverage", c.Coverage)))
	span.End(trace.WithTimestamp(ended))
}
