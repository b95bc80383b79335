package metrics

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

func scrape(m *Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func wantLines(t *testing.T, page string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("the page has no line %q", line)
		}
	}
}

func TestPage(t *testing.T) {
	m := New()
	m.Build("v1.2.3")
	m.Models([]Model{{"old", "sha256:0", "cpu", "cpu"}})
	m.Models([]Model{{"bundled", "sha256:1", "cuda", "0"}})
	m.Call("/portcullis.v1.ValidationService/Validate", "OK")
	m.UnaryTook("/portcullis.v1.ValidationService/Validate", time.Millisecond)
	m.Decided("balanced", "BLOCK", 2*time.Millisecond)
	m.Refused("OVERLOADED")
	m.Checked("pattern", "completed", 70*time.Microsecond)
	m.InFlight(3)
	m.InFlight(-1)
	m.BatchDone("bundled", BatchStats{Executor: "cuda-0", Items: 4, Size: 100, Cost: 128, Took: time.Millisecond, Err: errors.New("lost")})

	page := scrape(m)
	wantLines(t, page,
		`portcullis_model_info{device="0",digest="sha256:1",model="bundled",provider="cuda"} 1`,
		`portcullis_calls_total{code="OK",method="/portcullis.v1.ValidationService/Validate"} 1`,
		`portcullis_decisions_total{decision="BLOCK",policy="balanced"} 1`,
		`portcullis_text_duration_seconds_bucket{le="0.0025"} 1`,
		`portcullis_refusals_total{reason="OVERLOADED"} 1`,
		`portcullis_check_duration_seconds_bucket{check="pattern",state="completed",le="0.0001"} 1`,
		`portcullis_texts_in_flight 2`,
		`portcullis_batch_tokens_total{executor="cuda-0",model="bundled"} 100`,
		`portcullis_batch_size_bucket{executor="cuda-0",model="bundled",le="4"} 1`,
		`portcullis_batch_failures_total{executor="cuda-0",model="bundled"} 1`,
	)
	if strings.Contains(page, `model="old"`) {
		t.Error("a model that was replaced is still told")
	}
}

func TestQueueIsReadWhenScrapedAndForgotten(t *testing.T) {
	m := New()
	cost := 7
	stats := func() QueueStats {
		return QueueStats{Cost: cost, Drain: 1500 * time.Millisecond, Executors: []ExecutorStats{{"cpu", true, 2}, {"gone", false, 0}}}
	}
	forget := m.WatchQueue("bundled", stats)
	defer m.WatchQueue("other", stats)()
	cost = 9
	wantLines(t, scrape(m),
		`portcullis_queue_cost{model="bundled"} 9`,
		`portcullis_queue_cost{model="other"} 9`,
		`portcullis_queue_drain_seconds{model="bundled"} 1.5`,
		`portcullis_executor_up{executor="cpu",model="bundled"} 1`,
		`portcullis_executor_up{executor="gone",model="bundled"} 0`,
		`portcullis_executor_busy{executor="cpu",model="bundled"} 2`,
	)
	forget()
	if strings.Contains(scrape(m), `model="bundled"`) {
		t.Error("a forgotten batcher is still told")
	}
	m.WatchQueue("bundled", stats)() // the name is free again
}

func TestNamesAndHelpAreConventional(t *testing.T) {
	m := New()
	m.Build("v1")
	m.BatchDone("bundled", BatchStats{Executor: "cpu"})
	m.WatchQueue("bundled", func() QueueStats { return QueueStats{} })
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, namespace) {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
