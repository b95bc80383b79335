package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// AuthStats is what callers are known by at the moment of a scrape; see auth.Stats.
type AuthStats struct {
	CertificateEnds time.Time
	ListsEnd        time.Time
	Stale           map[string]bool      // by what
	KeysFetched     map[string]time.Time // by issuer
}

// WatchAuth asks at every scrape. What it calls must be quick and safe for concurrent
// use.
func (m *Metrics) WatchAuth(ask func() AuthStats) { m.auth.ask.Store(&ask) }

// authState reads the gate when Prometheus asks.
type authState struct {
	ask                                atomic.Pointer[func() AuthStats]
	certificate, lists, stale, fetched *prometheus.Desc
}

func newAuthState() *authState {
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	return &authState{
		certificate: gauge("tls_certificate_expiry_timestamp_seconds", "When the certificate of the server expires; absent in plain text."),
		lists:       gauge("auth_revocations_expiry_timestamp_seconds", "When the first list of revoked certificates is overdue; absent without lists."),
		stale:       gauge("auth_files_stale", "1 if the files hold something that could not be used, so that a restart would fail, else 0.", "what"),
		fetched:     gauge("auth_keys_fetched_timestamp_seconds", "When the keys of the issuer were fetched; 0 is never.", "issuer"),
	}
}

// Describe implements prometheus.Collector.
func (a *authState) Describe(to chan<- *prometheus.Desc) {
	to <- a.certificate
	to <- a.lists
	to <- a.stale
	to <- a.fetched
}

// Collect implements prometheus.Collector.
func (a *authState) Collect(to chan<- prometheus.Metric) {
	ask := a.ask.Load()
	if ask == nil {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	s := (*ask)()
	if !s.CertificateEnds.IsZero() {
		gauge(a.certificate, float64(s.CertificateEnds.Unix()))
	}
	if !s.ListsEnd.IsZero() {
		gauge(a.lists, float64(s.ListsEnd.Unix()))
	}
	for what, stale := range s.Stale {
		gauge(a.stale, map[bool]float64{true: 1}[stale], what)
	}
	for issuer, at := range s.KeysFetched {
		gauge(a.fetched, max(0, float64(at.Unix())), issuer)
	}
}
