// Package metrics names every metric of Portcullis, so that dashboards, alerts
// and documentation have one place to look.
//
// Labels hold only values that the operator chose or the code lists: methods,
// codes, loaded policies, checks, models. Nothing that a caller sends becomes a
// label, so no caller can grow the number of series or put a text into them.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "portcullis"

// Metrics holds the metrics of one process in a registry of its own: two in one
// process, as tests have them, do not meet. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	service  service
	batches  batches
	info     info
	trust    trust
	queues   *queues
	caches   *caches
	auth     *authState
	log      *logState
	edge     *edge
}

// New returns metrics that have counted nothing, with Go's and the process's own
// beside them.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		service:  newService(),
		batches:  newBatches(),
		info:     newInfo(),
		trust:    newTrust(),
		queues:   newQueues(),
		caches:   newCaches(),
		auth:     newAuthState(),
		log:      newLogState(),
		edge:     newEdge(),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.service.all()...)
	m.registry.MustRegister(m.batches.all()...)
	m.registry.MustRegister(m.info.all()...)
	m.registry.MustRegister(m.trust.all()...)
	m.registry.MustRegister(m.queues, m.caches, m.auth, m.log, m.edge)
	return m
}

// Handler serves the metrics to Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Describe tells what there is, whether anything was counted or not; see
// prometheus.Collector. What names metrics elsewhere is compared with it.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) { m.registry.Describe(to) }

func opts(name, help string) prometheus.Opts {
	return prometheus.Opts{Namespace: namespace, Name: name, Help: help}
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts(opts(name, help)), labels)
}

func gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts(opts(name, help)), labels)
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help, Buckets: buckets,
	}, labels)
}

// seconds suits everything from a pattern check on a short text, some 50 µs, to
// the longest deadline, 60 s: about three buckets a decade.
var seconds = []float64{
	50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10, 30, 60,
}
