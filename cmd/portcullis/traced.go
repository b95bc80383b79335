package main

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// traced adds two spans to a text that is followed: how long its windows waited for the
// model, and from the first of them that ran to the last.
func traced(run inference.Runner) inference.Runner {
	return func(ctx context.Context, windows []inference.Encoding) ([][]float32, error) {
		parent := trace.SpanFromContext(ctx)
		if !parent.IsRecording() {
			return run(ctx, windows)
		}
		var t batching.Timing
		began := time.Now()
		rows, err := run(batching.WithTiming(ctx, &t), windows)
		tracer := parent.TracerProvider().Tracer("portcullis")
		stage(ctx, tracer, "queue", began, t.Queued, len(windows))
		stage(ctx, tracer, "inference", began.Add(t.Queued), t.Ran, len(windows))
		return rows, err
	}
}

func stage(ctx context.Context, tracer trace.Tracer, name string, began time.Time, took time.Duration, windows int) {
	_, span := tracer.Start(ctx, name, trace.WithTimestamp(began), trace.WithAttributes(attribute.Int("portcullis.windows", windows)))
	span.End(trace.WithTimestamp(began.Add(took)))
}

// timedTokenizer measures a tokenizer.
type timedTokenizer struct {
	inference.Tokenizer
	model   string
	metrics *metrics.Metrics
}

// Encode implements inference.Tokenizer.
func (t timedTokenizer) Encode(text string) []inference.Encoding {
	began := time.Now()
	windows := t.Tokenizer.Encode(text)
	t.metrics.Tokenized(t.model, time.Since(began))
	return windows
}
