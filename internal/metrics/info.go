package metrics

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
)

// info holds what is running, as gauges that are always 1.
type info struct{ build, model *prometheus.GaugeVec }

func newInfo() info {
	return info{
		build: gauge("build_info", "The version that runs.", "version", "goversion"),
		model: gauge("model_info", "The models loaded, and what runs them.", "model", "digest", "provider", "device"),
	}
}

func (i info) all() []prometheus.Collector { return []prometheus.Collector{i.build, i.model} }

// Build says which version runs.
func (m *Metrics) Build(version string) {
	m.info.build.WithLabelValues(version, runtime.Version()).Set(1)
}

// Model is a loaded model.
type Model struct{ Name, Digest, Provider, Device string }

// Models says which models are loaded, in place of those said before.
func (m *Metrics) Models(models []Model) {
	m.info.model.Reset()
	for _, l := range models {
		m.info.model.WithLabelValues(l.Name, l.Digest, l.Provider, l.Device).Set(1)
	}
}
