package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// QueueStats is a batcher at the moment of a scrape; see batching.Stats.
type QueueStats struct {
	Calls     int
	Items     int
	Cost      int
	Drain     time.Duration
	Executors []ExecutorStats
}

// ExecutorStats is one executor of a batcher; see batching.ExecutorStats.
type ExecutorStats struct {
	Name  string
	Alive bool
	Busy  int
}

// WatchQueue asks stats at every scrape how full the batcher of a model is. It
// must be quick and safe for concurrent use. Call forget before the batcher is
// closed or watched again under the same name.
func (m *Metrics) WatchQueue(model string, stats func() QueueStats) (forget func()) {
	q := &queue{model: model, stats: stats}
	m.registry.MustRegister(q)
	return func() { m.registry.Unregister(q) }
}

// queue reads the batcher when Prometheus asks: gauges that are set as things
// happen would cost every text, and be wrong between two events.
type queue struct {
	model string
	stats func() QueueStats
}

const (
	queueCalls = iota
	queueItems
	queueCost
	queueDrain
	executorUp
	executorBusy
)

// descriptions returns the gauges; the model is a constant label, so that each
// batcher can be registered and forgotten by itself.
func (q *queue) descriptions() []*prometheus.Desc {
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, prometheus.Labels{"model": q.model})
	}
	return []*prometheus.Desc{
		queueCalls:   gauge("queue_calls", "Texts that wait for the model or run in it."),
		queueItems:   gauge("queue_items", "Windows of text that wait for the model."),
		queueCost:    gauge("queue_cost", "Tokens that wait for the model."),
		queueDrain:   gauge("queue_drain_seconds", "Seconds of work that wait for the model: the figure to scale on."),
		executorUp:   gauge("executor_up", "1 if the executor takes batches, 0 if it is retired.", "executor"),
		executorBusy: gauge("executor_busy", "Batches that the executor runs now.", "executor"),
	}
}

// Describe implements prometheus.Collector.
func (q *queue) Describe(to chan<- *prometheus.Desc) {
	for _, d := range q.descriptions() {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (q *queue) Collect(to chan<- prometheus.Metric) {
	ds, s := q.descriptions(), q.stats()
	send := func(which int, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(ds[which], prometheus.GaugeValue, value, labels...)
	}
	send(queueCalls, float64(s.Calls))
	send(queueItems, float64(s.Items))
	send(queueCost, float64(s.Cost))
	send(queueDrain, s.Drain.Seconds())
	for _, e := range s.Executors {
		send(executorUp, truth(e.Alive), e.Name)
		send(executorBusy, float64(e.Busy), e.Name)
	}
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
