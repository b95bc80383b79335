package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// trust is what a service that runs finds out about its models, and which of them
// it took or refused.
type trust struct {
	selfTests, retired       *prometheus.CounterVec
	verifications            *prometheus.CounterVec
	filesMatch               *prometheus.GaugeVec
	reloads                  *prometheus.CounterVec
	reloadGood, reloadedGood prometheus.Gauge
	reading                  prometheus.Gauge
}

// newTrust begins counters that an alert looks at with 0: of one that begins with
// 1 Prometheus sees no increase.
func newTrust() trust {
	t := trust{
		selfTests:     counter("self_tests_total", "Known-answer tests of a device while it serves or is to serve again, by result: passed, failed.", "model", "executor", "result"),
		retired:       counter("executor_retired_total", "Times an executor was retired because its known answers were wrong or did not come.", "model", "executor"),
		verifications: counter("model_verifications_total", "Times the files of a model that is served were compared with their digests, by result: match, mismatch, unreadable.", "model", "result"),
		filesMatch:    gauge("model_files_match", "1 if the files of the model are those that were loaded, 0 if two looks in a row found others.", "model"),
		reloads:       counter("reloads_total", "Times models, rules and policies were loaded anew, by result: loaded, refused.", "result"),
		reloadGood:    prometheus.NewGauge(prometheus.GaugeOpts(opts("reload_last_successful", "0 if the last reload was refused, so that a restart would fail, else 1."))),
		reloadedGood:  prometheus.NewGauge(prometheus.GaugeOpts(opts("reload_last_success_timestamp_seconds", "When what is served was loaded."))),
		reading:       prometheus.NewGauge(prometheus.GaugeOpts(opts("reload_busy_since_timestamp_seconds", "Since when the folders of models, rules and policies are being read; 0 while they are not. A volume that hangs leaves it where it is."))),
	}
	for _, result := range []string{"loaded", "refused"} {
		t.reloads.WithLabelValues(result)
	}
	return t
}

func (t trust) all() []prometheus.Collector {
	return []prometheus.Collector{t.selfTests, t.retired, t.verifications, t.filesMatch, t.reloads, t.reloadGood, t.reloadedGood, t.reading}
}

// Tested counts a self-test of an executor.
func (m *Metrics) Tested(model, executor string, passed bool) {
	result := "failed"
	if passed {
		result = "passed"
	}
	m.trust.selfTests.WithLabelValues(model, executor, result).Inc()
	m.trust.retired.WithLabelValues(model, executor)
}

// Retired counts an executor that was taken out of service.
func (m *Metrics) Retired(model, executor string) {
	m.trust.retired.WithLabelValues(model, executor).Inc()
}

// Verified counts a comparison of a model's files with their digests. result is
// one of match, mismatch and unreadable.
func (m *Metrics) Verified(model, result string) {
	m.trust.verifications.WithLabelValues(model, result).Inc()
}

// FilesMatch says of each model that is served whether its files are those that
// were loaded, in place of what was said before.
func (m *Metrics) FilesMatch(byModel map[string]bool) {
	m.trust.filesMatch.Reset()
	for model, yes := range byModel {
		m.trust.filesMatch.WithLabelValues(model).Set(truth(yes))
		m.trust.verifications.WithLabelValues(model, "mismatch")
	}
}

// Reloaded files a reload that was refused, or one that is served from at on.
func (m *Metrics) Reloaded(loaded bool, at time.Time) {
	if !loaded {
		m.trust.reloads.WithLabelValues("refused").Inc()
		m.trust.reloadGood.Set(0)
		return
	}
	m.trust.reloads.WithLabelValues("loaded").Inc()
	m.Started(at)
}

// Started says since when what is served is served.
func (m *Metrics) Started(at time.Time) {
	m.trust.reloadGood.Set(1)
	m.trust.reloadedGood.Set(float64(at.UnixMilli()) / 1e3)
}

// ReadingSince says since when folders are being read; zero: they are not.
func (m *Metrics) ReadingSince(at time.Time) {
	if at.IsZero() {
		m.trust.reading.Set(0)
		return
	}
	m.trust.reading.Set(float64(at.UnixMilli()) / 1e3)
}
