package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// EdgeStats is what callers hold at the moment of a scrape, and what it may be.
type EdgeStats struct {
	Connections, Strangers               int // strangers among the connections
	Displaced, Refused, Relieved, Unread int64
	Calls                                int64
	MemoryLimit                          int64 // bytes; 0: none
	MemoryFull                           bool
}

// WatchEdge asks at every scrape. What it calls must be quick and safe for concurrent use.
func (m *Metrics) WatchEdge(ask func() EdgeStats) { m.edge.ask.Store(&ask) }

// edge reads the server when Prometheus asks.
type edge struct {
	ask                                       atomic.Pointer[func() EdgeStats]
	connections, closed, calls, limit, isFull *prometheus.Desc
}

func newEdge() *edge {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	return &edge{
		connections: desc("connections", "Open connections: on known ones somebody has called who may, on others nobody yet.", "known"),
		closed:      desc("connections_closed_total", "Connections closed for others (displaced), at once as all were known (refused), for their memory (memory), as they did not take their answers (unread).", "why"),
		calls:       desc("calls_open", "Open calls, health and reflection apart."),
		limit:       desc("memory_limit_bytes", "What Go's side of the process may have; 0 is no limit."),
		isFull:      desc("memory_full", "1 while calls are refused for want of memory, else 0."),
	}
}

// Describe implements prometheus.Collector.
func (e *edge) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{e.connections, e.closed, e.calls, e.limit, e.isFull} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (e *edge) Collect(to chan<- prometheus.Metric) {
	ask := e.ask.Load()
	if ask == nil {
		return
	}
	tell := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	s := (*ask)()
	tell(e.connections, prometheus.GaugeValue, float64(s.Connections-s.Strangers), "true")
	tell(e.connections, prometheus.GaugeValue, float64(s.Strangers), "false")
	tell(e.closed, prometheus.CounterValue, float64(s.Displaced), "displaced")
	tell(e.closed, prometheus.CounterValue, float64(s.Refused), "refused")
	tell(e.closed, prometheus.CounterValue, float64(s.Relieved), "memory")
	tell(e.closed, prometheus.CounterValue, float64(s.Unread), "unread")
	tell(e.calls, prometheus.GaugeValue, float64(s.Calls))
	tell(e.limit, prometheus.GaugeValue, float64(s.MemoryLimit))
	tell(e.isFull, prometheus.GaugeValue, map[bool]float64{true: 1}[s.MemoryFull])
}
