package server

import (
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// Loaded is what judges texts at one moment. A reload replaces it whole, so a
// verdict and the models named beside it always belong together.
type Loaded struct {
	Engine *guard.Engine
	Models []Model
	// TokenEncoding names what the engine's check counts as tokens.
	TokenEncoding string
}

// Model describes a loaded model; see ModelInfo of the contract.
type Model struct {
	Name, Digest, Provider, Device string
	Labels                         []string
	WindowTokens                   int
}

// Acquire lends what is loaded now. A text is judged to its end by what it
// acquired; release says that it is done, after which the lender may close it.
// Acquire MUST NOT block and is called concurrently.
type Acquire func() (l Loaded, release func())

// Option is a Go value that a Server is built with, where Config is data.
type Option func(*options)

type options struct {
	recorder Recorder
	log      *slog.Logger
	metrics  *metrics.Metrics
	tracer   trace.Tracer // nil: nothing is followed
	newID    func() string
	gate     *auth.Gate
}

// WithRecorder records what is decided. The default records nothing.
func WithRecorder(r Recorder) Option { return func(o *options) { o.recorder = r } }

// WithLogger sets where to log. The default is nowhere.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// WithMetrics sets what counts and what /metrics shows. The default counts by
// itself.
func WithMetrics(m *metrics.Metrics) Option { return func(o *options) { o.metrics = m } }

// WithGate sets who may call, and the certificate that the server shows. The default
// speaks plain text and lets everybody in: it is for pipes within one process.
func WithGate(g *auth.Gate) Option { return func(o *options) { o.gate = g } }

// WithIDs sets where validation and request ids come from: unique and ordered by
// time. The default is UUIDv7.
func WithIDs(next func() string) Option { return func(o *options) { o.newID = next } }

func newOptions(opts []Option) options {
	o := options{recorder: nothing{}, log: slog.New(slog.DiscardHandler), newID: newIDs().next, gate: auth.Open()}
	for _, opt := range opts {
		opt(&o)
	}
	if o.metrics == nil {
		o.metrics = metrics.New()
	}
	return o
}
