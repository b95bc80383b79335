package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// CacheStats has the fields of cache.Stats and converts from it.
type CacheStats struct {
	Hits      uint64
	Joined    uint64
	Misses    uint64
	Evictions uint64
	Bytes     uint64
}

// WatchCaches asks at every scrape what the cache of each model did, in place of those
// watched before. Counts begin anew with a model that is loaded anew.
func (m *Metrics) WatchCaches(byModel map[string]func() CacheStats) { m.caches.watched.Store(&byModel) }

// caches reads the caches when Prometheus asks, so that a hit costs no metric.
type caches struct {
	watched                   atomic.Pointer[map[string]func() CacheStats]
	windows, evictions, bytes *prometheus.Desc
}

func newCaches() *caches {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, append([]string{"model"}, labels...), nil)
	}
	return &caches{
		windows:   describe("cache_windows_total", "Windows of text that the model was to score, by result: hit (known), joined (run for another text at the time), miss (run).", "result"),
		evictions: describe("cache_evictions_total", "Scores that made room for others."),
		bytes:     describe("cache_bytes", "Memory that the known scores take."),
	}
}

// Describe implements prometheus.Collector.
func (c *caches) Describe(to chan<- *prometheus.Desc) {
	to <- c.windows
	to <- c.evictions
	to <- c.bytes
}

// Collect implements prometheus.Collector.
func (c *caches) Collect(to chan<- prometheus.Metric) {
	watched := c.watched.Load()
	if watched == nil {
		return
	}
	for model, stats := range *watched {
		c.collect(to, model, stats())
	}
}

func (c *caches) collect(to chan<- prometheus.Metric, model string, s CacheStats) {
	count := func(d *prometheus.Desc, n uint64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), append([]string{model}, labels...)...)
	}
	count(c.windows, s.Hits, "hit")
	count(c.windows, s.Joined, "joined")
	count(c.windows, s.Misses, "miss")
	count(c.evictions, s.Evictions)
	to <- prometheus.MustNewConstMetric(c.bytes, prometheus.GaugeValue, float64(s.Bytes), model)
}
