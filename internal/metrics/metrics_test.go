package metrics

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
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
	m.Refused("OVERLOADED", time.Millisecond)
	m.Checked("pattern", "completed", 70*time.Microsecond)
	m.InFlight(3)
	m.InFlight(-1)
	m.WatchLog(func() LogStats { return LogStats{Crowded: 5, Failed: 7} })
	m.BatchDone("bundled", BatchStats{Executor: "cuda-0", Items: 4, Size: 100, Cost: 128, Took: time.Millisecond, Err: errors.New("lost")})

	page := scrape(m)
	wantLines(t, page,
		`portcullis_model_info{device="0",digest="sha256:1",model="bundled",provider="cuda"} 1`,
		`portcullis_calls_total{code="OK",method="/portcullis.v1.ValidationService/Validate"} 1`,
		`portcullis_decisions_total{decision="BLOCK",policy="balanced"} 1`,
		`portcullis_text_duration_seconds_bucket{le="0.0025"} 1`,
		`portcullis_refusals_total{reason="OVERLOADED"} 1`,
		`portcullis_refusal_duration_seconds_bucket{le="0.001"} 1`,
		`portcullis_check_duration_seconds_bucket{check="pattern",state="completed",le="0.0001"} 1`,
		`portcullis_texts_in_flight 2`,
		`portcullis_log_lines_lost_total{why="crowded"} 5`,
		`portcullis_log_lines_lost_total{why="failed"} 7`,
		`portcullis_batch_tokens_total{executor="cuda-0",model="bundled"} 100`,
		`portcullis_batch_size_bucket{executor="cuda-0",model="bundled",le="4"} 1`,
		`portcullis_batch_failures_total{executor="cuda-0",model="bundled"} 1`,
	)
	if strings.Contains(page, `model="old"`) {
		t.Error("a model that was replaced is still told")
	}
}

func TestTrust(t *testing.T) {
	m := New()
	wantLines(t, scrape(m), `portcullis_reloads_total{result="refused"} 0`)
	m.Started(time.UnixMilli(1500))
	m.Tested("bundled", "cpu", true)
	wantLines(t, scrape(m), `portcullis_executor_retired_total{executor="cpu",model="bundled"} 0`)
	m.Tested("bundled", "cpu", false)
	m.Retired("bundled", "cpu")
	m.FilesMatch(map[string]bool{"old": false})
	m.FilesMatch(map[string]bool{"bundled": false, "other": true})
	m.Verified("bundled", "mismatch")
	m.Reloaded(false, time.UnixMilli(2500))
	page := scrape(m)
	wantLines(t, page,
		`portcullis_self_tests_total{executor="cpu",model="bundled",result="passed"} 1`,
		`portcullis_self_tests_total{executor="cpu",model="bundled",result="failed"} 1`,
		`portcullis_executor_retired_total{executor="cpu",model="bundled"} 1`,
		`portcullis_model_files_match{model="bundled"} 0`,
		`portcullis_model_files_match{model="other"} 1`,
		`portcullis_model_verifications_total{model="bundled",result="mismatch"} 1`,
		`portcullis_model_verifications_total{model="other",result="mismatch"} 0`,
		`portcullis_reloads_total{result="refused"} 1`,
		`portcullis_reload_last_successful 0`,
		`portcullis_reload_last_success_timestamp_seconds 1.5`,
	)
	if strings.Contains(page, `files_match{model="old"}`) {
		t.Error("a model that was replaced is still told")
	}
	m.Reloaded(true, time.UnixMilli(3500))
	wantLines(t, scrape(m),
		`portcullis_reloads_total{result="loaded"} 1`,
		`portcullis_reload_last_successful 1`,
		`portcullis_reload_last_success_timestamp_seconds 3.5`,
	)
}

func TestQueueIsReadWhenScrapedAndForgotten(t *testing.T) {
	m := New()
	cost := 7
	stats := func() QueueStats {
		return QueueStats{Cost: cost, Drain: 1500 * time.Millisecond, Executors: []ExecutorStats{{"cpu", true, 2}, {"gone", false, 0}}}
	}
	m.WatchQueues(map[string]func() QueueStats{"bundled": stats, "other": stats})
	cost = 9
	wantLines(t, scrape(m),
		`portcullis_queue_cost{model="bundled"} 9`,
		`portcullis_queue_cost{model="other"} 9`,
		`portcullis_queue_drain_seconds{model="bundled"} 1.5`,
		`portcullis_executor_up{executor="cpu",model="bundled"} 1`,
		`portcullis_executor_up{executor="gone",model="bundled"} 0`,
		`portcullis_executor_busy{executor="cpu",model="bundled"} 2`,
	)
	m.WatchQueues(map[string]func() QueueStats{"other": stats})
	if strings.Contains(scrape(m), `model="bundled"`) {
		t.Error("a batcher that was replaced is still told")
	}
}

func TestCacheIsReadWhenScrapedAndForgotten(t *testing.T) {
	m := New()
	stats := CacheStats{Hits: 1, Joined: 2, Misses: 3, Evictions: 4, Bytes: 5}
	watch := func() CacheStats { return stats }
	m.WatchCaches(map[string]func() CacheStats{"bundled": watch, "other": watch})
	stats.Hits = 7
	wantLines(t, scrape(m),
		`portcullis_cache_windows_total{model="bundled",result="hit"} 7`,
		`portcullis_cache_windows_total{model="bundled",result="joined"} 2`,
		`portcullis_cache_windows_total{model="other",result="miss"} 3`,
		`portcullis_cache_evictions_total{model="bundled"} 4`,
		`portcullis_cache_bytes{model="bundled"} 5`,
	)
	m.WatchCaches(map[string]func() CacheStats{"other": watch})
	if strings.Contains(scrape(m), `model="bundled"`) {
		t.Error("a cache that was replaced is still told")
	}
}

func TestNamesAndHelpAreConventional(t *testing.T) {
	m := New()
	m.Build("v1")
	m.BatchDone("bundled", BatchStats{Executor: "cpu"})
	m.WatchQueues(map[string]func() QueueStats{"bundled": func() QueueStats { return QueueStats{} }})
	m.WatchCaches(map[string]func() CacheStats{"bundled": func() CacheStats { return CacheStats{} }})
	m.Tested("bundled", "cpu", true)
	m.FilesMatch(map[string]bool{"bundled": true})
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

// Who compares names of metrics must be told also of those that nothing was counted in.
func TestDescribeTellsWhatIsNotCountedYet(t *testing.T) {
	told := make(chan *prometheus.Desc)
	go func() {
		New().Describe(told)
		close(told)
	}()
	var all strings.Builder
	for d := range told {
		all.WriteString(d.String())
	}
	for _, name := range []string{"portcullis_batch_failures_total", "portcullis_queue_drain_seconds", "portcullis_decisions_total"} {
		if !strings.Contains(all.String(), `"`+name+`"`) {
			t.Errorf("%s is not told", name)
		}
	}
}
