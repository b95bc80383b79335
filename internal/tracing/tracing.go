// Package tracing sends spans to an OpenTelemetry collector. Spans hold times, names and
// counts, never a part of a text.
package tracing

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config says where spans go, and which.
type Config struct {
	// Endpoint is the host:port of a collector that takes OTLP over gRPC; empty: nothing is
	// traced.
	Endpoint string `yaml:"endpoint"`
	// Insecure speaks plain text to the collector, such as one beside the service.
	Insecure bool `yaml:"insecure"`
	// Share is which share of the texts is traced whose callers trace nothing. A caller who
	// sends a trace context decides for its own.
	Share float64 `yaml:"share"`
}

// DefaultConfig traces nothing, and one text in a hundred where there is a collector.
func DefaultConfig() Config { return Config{Share: 0.01} }

// Validate names the first key that cannot be used.
func (c Config) Validate() error {
	switch {
	case c.Endpoint != "" && !strings.Contains(c.Endpoint, ":"):
		return fmt.Errorf("endpoint: %q is not host:port, such as 127.0.0.1:4317", c.Endpoint)
	case !(c.Share >= 0 && c.Share <= 1): // NaN as well
		return fmt.Errorf("share: %g is not between 0 and 1", c.Share)
	}
	return nil
}

// Open returns what makes spans, nil where cfg has no endpoint, and what sends those that
// are left and ends. It does not wait for the collector: spans that it does not take are
// lost, and never hold up a text.
func Open(ctx context.Context, cfg Config, version string) (trace.Tracer, func(context.Context) error, error) {
	if cfg.Endpoint == "" {
		return nil, func(context.Context) error { return nil }, nil
	}
	opts := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(cfg.Endpoint)}
	if cfg.Insecure {
		opts = append(opts, otlptracegrpc.WithInsecure())
	}
	exporter, err := otlptracegrpc.New(ctx, opts...)
	if err != nil {
		return nil, nil, fmt.Errorf("tracing: %w", err)
	}
	who := resource.NewSchemaless(attribute.String("service.name", "portcullis"), attribute.String("service.version", version))
	p := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(who), sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(cfg.Share))))
	return p.Tracer("github.com/portcullis-ai/portcullis"), func(ctx context.Context) error {
		_ = p.Shutdown(ctx) // what a collector does not take any more is no fault of the service
		return nil
	}, nil
}
