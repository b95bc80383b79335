package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/model/bundled"
)

// loneModel is the bundled model with so many threads for a lone text.
type loneModel struct {
	run     inference.Runner
	texts   func(words int) []inference.Encoding
	devices devices
	metrics *metrics.Metrics
}

func newLoneModel(tb testing.TB, threads int) loneModel {
	tb.Helper()
	cfg := config.Default()
	library, err := ort.FindLibrary(cfg.ONNXRuntime)
	if err != nil {
		tb.Fatal(err)
	}
	cfg.ONNXRuntime.Provider, cfg.ONNXRuntime.Library, cfg.ONNXRuntime.LoneThreads = ort.CPU, library, threads
	runtime, err := ort.Open(cfg.ONNXRuntime)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := bundled.Model()
	if err != nil {
		tb.Fatal(err)
	}
	tokenizer, err := newTokenizer(m)
	if err != nil {
		tb.Fatal(err)
	}
	l := modelLoader{cfg: cfg, runtime: runtime, metrics: metrics.New(), log: slog.New(slog.DiscardHandler), devicesChanged: func() {}}
	ds, _, err := l.openDevices(tb.Context(), m, tokenizer)
	if err != nil {
		tb.Fatal(err)
	}
	b, err := l.newBatcher(m.Manifest(), ds, func() {})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := errors.Join(b.Shutdown(context.Background()), ds.close(), runtime.Close()); err != nil {
			tb.Error(err)
		}
	})
	texts := func(words int) []inference.Encoding {
		return tokenizer.Encode(strings.Repeat("word ", words))
	}
	return loneModel{b.DoAll, texts, ds, l.metrics}
}

// TestLoneText: a text that is alone runs with all threads, several at a time do with
// one each, and what the model says of them is the same.
func TestLoneText(t *testing.T) {
	m := newLoneModel(t, 2)
	if got := m.devices.names(); got != "cpu:lone,cpu" {
		t.Fatalf("devices %s", got)
	}
	text := m.texts(30)
	alone, err := m.run(t.Context(), text)
	for i := 0; err == nil && i < 100 && !m.ran("cpu:lone"); i++ { // the other is asked as long as this one is not ready yet
		alone, err = m.run(t.Context(), text)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			rows, err := m.run(t.Context(), text)
			if err != nil || !near(rows[0], alone[0]) {
				t.Errorf("%v, alone %v: %v", rows, alone, err)
			}
		})
	}
	all.Wait()
	for _, executor := range []string{"cpu", "cpu:lone"} {
		if !m.ran(executor) {
			t.Errorf("nothing ran on %s", executor)
		}
	}
}

// ran tells whether the executor was given anything yet.
func (m loneModel) ran(executor string) bool {
	w := httptest.NewRecorder()
	m.metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return strings.Contains(w.Body.String(), fmt.Sprintf("portcullis_batch_items_total{executor=%q", executor))
}

func TestNoLoneSession(t *testing.T) {
	if got := newLoneModel(t, 1).devices.names(); got != "cpu" {
		t.Errorf("devices %s", got)
	}
}

// BenchmarkLoneText is a lone text of so many tokens, with a thread a core and with one.
func BenchmarkLoneText(b *testing.B) {
	for _, tokens := range []int{32, 128, 256} {
		for name, threads := range map[string]int{"all cores": 0, "one": 1} {
			b.Run(fmt.Sprintf("%d tokens/%s", tokens, name), func(b *testing.B) {
				m := newLoneModel(b, threads)
				text := m.texts(tokens - 2)
				for b.Loop() {
					if _, err := m.run(b.Context(), text); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
