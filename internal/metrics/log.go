package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// LogStats has the fields of sink.Stats and converts from it.
type LogStats struct {
	Crowded uint64
	Failed  uint64
}

// WatchLog asks at every scrape what became of the lines of the log. What it calls must
// be quick and safe for concurrent use, whatever the place of the log does.
func (m *Metrics) WatchLog(ask func() LogStats) { m.log.ask.Store(&ask) }

// logState reads the log's sink when Prometheus asks.
type logState struct {
	ask  atomic.Pointer[func() LogStats]
	lost *prometheus.Desc
}

func newLogState() *logState {
	return &logState{lost: prometheus.NewDesc(namespace+"_log_lines_lost_total",
		"Lines of the log that were not written, by why: crowded (whoever reads the log is too slow or hangs), failed (it cannot be written, as on a full disk).",
		[]string{"why"}, nil)}
}

// Describe implements prometheus.Collector.
func (l *logState) Describe(to chan<- *prometheus.Desc) { to <- l.lost }

// Collect implements prometheus.Collector.
func (l *logState) Collect(to chan<- prometheus.Metric) {
	ask := l.ask.Load()
	if ask == nil {
		return
	}
	s := (*ask)()
	to <- prometheus.MustNewConstMetric(l.lost, prometheus.CounterValue, float64(s.Crowded), "crowded")
	to <- prometheus.MustNewConstMetric(l.lost, prometheus.CounterValue, float64(s.Failed), "failed")
}
