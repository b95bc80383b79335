package metrics

import (
	"sync/atomic"
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

// WatchQueues asks at every scrape how full the batcher of each model is, in place
// of those watched before. What it calls must be quick and safe for concurrent use,
// also after the batcher has been closed.
func (m *Metrics) WatchQueues(byModel map[string]func() QueueStats) { m.queues.watched.Store(&byModel) }

// queues reads the batchers when Prometheus asks: gauges that are set as things
// happen would cost every text, and be wrong between two events.
type queues struct {
	watched     atomic.Pointer[map[string]func() QueueStats]
	description [executorBusy + 1]*prometheus.Desc
}

const (
	queueCalls = iota
	queueItems
	queueCost
	queueDrain
	executorUp
	executorBusy
)

func newQueues() *queues {
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, append([]string{"model"}, labels...), nil)
	}
	return &queues{description: [...]*prometheus.Desc{
		queueCalls:   gauge("queue_calls", "Texts that wait for the model or run in it."),
		queueItems:   gauge("queue_items", "Windows of text that wait for the model."),
		queueCost:    gauge("queue_cost", "Tokens that wait for the model."),
		queueDrain:   gauge("queue_drain_seconds", "Seconds of work that wait for the model: the figure to scale on."),
		executorUp:   gauge("executor_up", "1 if the executor takes batches, 0 if it is retired.", "executor"),
		executorBusy: gauge("executor_busy", "Batches that the executor runs now.", "executor"),
	}}
}

// Describe implements prometheus.Collector.
func (q *queues) Describe(to chan<- *prometheus.Desc) {
	for _, d := range q.description {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (q *queues) Collect(to chan<- prometheus.Metric) {
	watched := q.watched.Load()
	if watched == nil {
		return
	}
	for model, stats := range *watched {
		q.collect(to, model, stats())
	}
}

func (q *queues) collect(to chan<- prometheus.Metric, model string, s QueueStats) {
	send := func(which int, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(q.description[which], prometheus.GaugeValue, value, append([]string{model}, labels...)...)
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
