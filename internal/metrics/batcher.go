package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// batches is what the batchers ran, by model and executor.
type batches struct {
	items, tokens, cost *prometheus.CounterVec
	size                *prometheus.HistogramVec
	took                *prometheus.HistogramVec
	waited              *prometheus.HistogramVec
	failures            *prometheus.CounterVec
	tokenized           *prometheus.HistogramVec
}

func newBatches() batches {
	labels := []string{"model", "executor"}
	powers := prometheus.ExponentialBuckets(1, 2, 11) // 1 to 1024
	return batches{
		items:    counter("batch_items_total", "Windows of text run through the model.", labels...),
		tokens:   counter("batch_tokens_total", "Tokens of those windows, without padding.", labels...),
		cost:     counter("batch_cost_total", "What the batches cost by the executor's own count; over batch_tokens_total it is the padding factor.", labels...),
		size:     histogram("batch_size", "Windows in a batch.", powers, labels...),
		took:     histogram("batch_duration_seconds", "Time the model took for a batch.", seconds, labels...),
		waited:   histogram("batch_queue_seconds", "Time in the queue of the batch's longest waiting window.", seconds, labels...),
		failures: counter("batch_failures_total", "Batches that gave no scores.", labels...),
		tokenized: histogram("tokenize_duration_seconds", "Time to split a text into the model's windows; a text that hides something is split more than once.",
			prometheus.ExponentialBuckets(1e-6, 4, 10), "model"), // to a quarter of a second
	}
}

func (b batches) all() []prometheus.Collector {
	return []prometheus.Collector{b.items, b.tokens, b.cost, b.size, b.took, b.waited, b.failures, b.tokenized}
}

// BatchStats has the fields of batching.BatchStats and converts from it.
type BatchStats struct {
	Executor string
	Items    int
	Calls    int
	Longest  int
	Size     int
	Cost     int
	Waited   time.Duration
	Took     time.Duration
	Err      error
}

// Tokenized files how long a model's tokenizer took for a text.
func (m *Metrics) Tokenized(model string, took time.Duration) {
	m.batches.tokenized.WithLabelValues(model).Observe(took.Seconds())
}

// BatchDone files a batch of a model's batcher.
func (m *Metrics) BatchDone(model string, s BatchStats) {
	m.batches.items.WithLabelValues(model, s.Executor).Add(float64(s.Items))
	m.batches.tokens.WithLabelValues(model, s.Executor).Add(float64(s.Size))
	m.batches.cost.WithLabelValues(model, s.Executor).Add(float64(s.Cost))
	m.batches.size.WithLabelValues(model, s.Executor).Observe(float64(s.Items))
	m.batches.took.WithLabelValues(model, s.Executor).Observe(s.Took.Seconds())
	m.batches.waited.WithLabelValues(model, s.Executor).Observe(s.Waited.Seconds())
	if s.Err != nil {
		m.batches.failures.WithLabelValues(model, s.Executor).Inc()
	}
}
