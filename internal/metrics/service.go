package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// service is what callers see of the service.
type service struct {
	calls     *prometheus.CounterVec
	call      *prometheus.HistogramVec
	text      prometheus.Histogram
	inFlight  prometheus.Gauge
	decisions *prometheus.CounterVec
	refusals  *prometheus.CounterVec
	refusal   prometheus.Histogram
	turned    *prometheus.CounterVec
	check     *prometheus.HistogramVec
}

func newService() service {
	return service{
		calls: counter("calls_total", "gRPC calls ended, by method and status code; a stream is one call.", "method", "code"),
		call:  histogram("call_duration_seconds", "Length of unary gRPC calls, by method.", seconds, "method"),
		text: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "text_duration_seconds", Buckets: seconds,
			Help: "Time from a text's arrival to its verdict, unary and on streams.",
		}),
		inFlight:  prometheus.NewGauge(prometheus.GaugeOpts(opts("texts_in_flight", "Texts admitted and not answered yet."))),
		decisions: counter("decisions_total", "Verdicts, by policy and decision as the caller got it.", "policy", "decision"),
		refusals:  counter("refusals_total", "Texts and calls that got an error in place of a verdict, by reason.", "reason"),
		refusal: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "refusal_duration_seconds", Buckets: seconds,
			Help: "Time from a text's arrival, read and decoded, to its refusal, whatever the reason.",
		}),
		turned: counter("auth_refusals_total", "Calls that were not let in, by why: no_credentials, expired, no_role and so on.", "reason"),
		check: histogram("check_duration_seconds", "Time a check took on one text, by check and how it ended; not the checks that did not run.",
			seconds, "check", "state"),
	}
}

func (s service) all() []prometheus.Collector {
	return []prometheus.Collector{s.calls, s.call, s.text, s.inFlight, s.decisions, s.refusals, s.refusal, s.turned, s.check}
}

// Call counts a gRPC call. method must be one that the server has registered.
func (m *Metrics) Call(method, code string) { m.service.calls.WithLabelValues(method, code).Inc() }

// UnaryTook files how long a unary call took. The length of a stream's life says
// nothing about the service, so streams are not filed.
func (m *Metrics) UnaryTook(method string, took time.Duration) {
	m.service.call.WithLabelValues(method).Observe(took.Seconds())
}

// Decided counts a verdict and how long its text waited for it. policy must be
// the name of a loaded policy.
func (m *Metrics) Decided(policy, decision string, took time.Duration) {
	m.service.decisions.WithLabelValues(policy, decision).Inc()
	m.service.text.Observe(took.Seconds())
}

// Refused counts an error that a caller got, and how long its text took to get it. reason
// must be one of the server's own.
func (m *Metrics) Refused(reason string, took time.Duration) {
	m.service.refusals.WithLabelValues(reason).Inc()
	m.service.refusal.Observe(took.Seconds())
}

// TurnedAway counts a call that was not let in. reason must be one of internal/auth's.
func (m *Metrics) TurnedAway(reason string) { m.service.turned.WithLabelValues(reason).Inc() }

// Checked files how a check ended and how long it took.
func (m *Metrics) Checked(check, state string, took time.Duration) {
	m.service.check.WithLabelValues(check, state).Observe(took.Seconds())
}

// InFlight moves the number of admitted texts by n.
func (m *Metrics) InFlight(n int) { m.service.inFlight.Add(float64(n)) }
