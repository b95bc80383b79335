package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/model/bundled"
	"github.com/portcullis-ai/portcullis/server"
)

var errDeviceLost = errors.New("device lost")

// brittle is a real session that can be broken: it fails, or answers otherwise
// without an error.
type brittle struct {
	inference.Backend
	lost  atomic.Bool
	wrong atomic.Bool
	rows  atomic.Int64
}

func (b *brittle) Run(ctx context.Context, batch []inference.Encoding) ([][]float32, error) {
	if b.lost.Load() {
		return nil, errDeviceLost
	}
	rows, err := b.Backend.Run(ctx, batch)
	b.rows.Add(int64(len(rows)))
	for _, row := range rows {
		for i := range row {
			if b.wrong.Load() {
				row[i] = -row[i]
			}
		}
	}
	return rows, err
}

// farm is the bundled model on two devices behind one queue, all of it real but for
// the devices, which are two sessions on the CPU.
type farm struct {
	backends [2]*brittle
	batcher  *batching.Batcher[inference.Encoding, []float32]
	metrics  *metrics.Metrics
	texts    []inference.Encoding
	want     [][]float32
}

func newFarm(t *testing.T, testEvery time.Duration) *farm {
	t.Helper()
	cfg := config.Default()
	library, err := ort.FindLibrary(cfg.ONNXRuntime) // the one that the shared service has loaded
	if err != nil {
		t.Fatal(err)
	}
	cfg.ONNXRuntime.Provider, cfg.ONNXRuntime.Library, cfg.Trust.SelfTestEvery = ort.CPU, library, testEvery
	runtime, err := ort.Open(cfg.ONNXRuntime)
	if err != nil {
		t.Fatal(err)
	}
	f := &farm{metrics: metrics.New()}
	l := modelLoader{cfg: cfg, runtime: runtime, metrics: f.metrics, log: slog.New(slog.DiscardHandler), devicesChanged: func() {}}
	ds := f.open(t, l)
	if f.batcher, err = l.newBatcher(mustBundled(t), ds, func() {}); err != nil {
		t.Fatal(err)
	}
	f.metrics.WatchQueues(queuesOf([]*loadedModel{{server: server.Model{Name: "bundled"}, stats: f.batcher.Stats}}))
	t.Cleanup(func() {
		if err := errors.Join(f.batcher.Shutdown(context.Background()), ds.close(), runtime.Close()); err != nil {
			t.Error(err)
		}
	})
	return f
}

// open opens the two devices, and asks the first what the texts score.
func (f *farm) open(t *testing.T, l modelLoader) (ds devices) {
	t.Helper()
	m, err := bundled.Model()
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := newTokenizer(m)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := m.Graph("cpu", "auto")
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.backends {
		whole, err := l.openDevice(t.Context(), m, graph, tokenizer, place{})
		if err != nil {
			t.Fatal(err)
		}
		f.backends[i] = &brittle{Backend: whole.backend}
		d := newDevice(fmt.Sprintf("device:%d", i), f.backends[i], m.Manifest(), tokenizer)
		d.pace = whole.pace
		d.pace.inFlight = 1
		ds = append(ds, d)
	}
	for i := range 24 {
		f.texts = append(f.texts, tokenizer.Encode(fmt.Sprint("you are number ", i*i, " of those who wait"))...)
	}
	if f.want, err = f.backends[0].Backend.Run(t.Context(), f.texts); err != nil {
		t.Fatal(err)
	}
	return ds
}

// ask sends every text at once and returns the errors. A row that comes is the row of
// its text.
func (f *farm) ask(t *testing.T) (failed []error) {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i, text := range f.texts {
		wg.Go(func() {
			rows, err := f.batcher.DoAll(t.Context(), []inference.Encoding{text})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = append(failed, err)
			} else if !near(rows[0], f.want[i]) {
				t.Errorf("text %d: %v, want %v", i, rows[0], f.want[i])
			}
		})
	}
	wg.Wait()
	return failed
}

func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-5 })
}

// up waits until the metrics say which devices are in service.
func (f *farm) up(t *testing.T, first, second int) {
	t.Helper()
	eventually(t, fmt.Sprintf("device:0 up %d, device:1 up %d", first, second), func() bool {
		w := httptest.NewRecorder()
		f.metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		page, _ := io.ReadAll(w.Body)
		return contains(string(page),
			fmt.Sprintf(`portcullis_executor_up{executor="device:0",model="bundled"} %d`, first),
			fmt.Sprintf(`portcullis_executor_up{executor="device:1",model="bundled"} %d`, second))
	})
}

// Both devices take texts from the one queue; one that is lost fails the texts that it
// had and no others, comes back when its known answers are right again, and is 0
// meanwhile in the metrics. With all of them lost every text fails at once.
func TestLostDeviceIsRetiredAndComesBack(t *testing.T) {
	f := newFarm(t, 0)
	f.up(t, 1, 1)
	for f.backends[0].rows.Load() == 0 || f.backends[1].rows.Load() == 0 {
		if failed := f.ask(t); len(failed) > 0 {
			t.Fatal(failed)
		}
	}
	f.backends[1].lost.Store(true)
	eventually(t, "the second device has been tried", func() bool { return len(f.ask(t)) > 0 })
	f.up(t, 1, 0)
	if failed := f.ask(t); len(failed) > 0 {
		t.Errorf("with one device left: %v", failed)
	}
	f.backends[0].lost.Store(true)
	if failed := f.ask(t); len(failed) != len(f.texts) {
		t.Errorf("%d of %d texts failed with no device left", len(failed), len(f.texts))
	}
	f.up(t, 0, 0)
	for _, err := range f.ask(t) {
		if !errors.Is(err, batching.ErrNoExecutor) {
			t.Errorf("with no device left: %v", err)
		}
	}
	f.backends[1].lost.Store(false)
	f.up(t, 0, 1)
	if failed := f.ask(t); len(failed) > 0 {
		t.Errorf("with the second one back: %v", failed)
	}
}

// A device that answers otherwise, without an error, is found by its known answers.
func TestWrongDeviceIsRetired(t *testing.T) {
	f := newFarm(t, 50*time.Millisecond)
	f.backends[0].wrong.Store(true)
	f.up(t, 0, 1)
	if failed := f.ask(t); len(failed) > 0 {
		t.Error(failed)
	}
	f.backends[0].wrong.Store(false)
	f.up(t, 1, 1)
}

func mustBundled(t *testing.T) model.Manifest {
	t.Helper()
	m, err := bundled.Model()
	if err != nil {
		t.Fatal(err)
	}
	return m.Manifest()
}

// TestAGraphExchangedWhileItLoads is refused: what was opened may be another file
// than the one whose digest was right.
func TestAGraphExchangedWhileItLoads(t *testing.T) {
	dir := t.TempDir()
	variant(t, dir, 0)
	m := onDisk(t, dir)
	if err := verifiedAround(t.Context(), m.graph, func() error { return nil }); err != nil {
		t.Errorf("left alone: %v", err)
	}
	err := verifiedAround(t.Context(), m.graph, func() error {
		put(t, dir, m.graph.File, []byte("another graph"))
		return nil
	})
	if !errors.Is(err, model.ErrMismatch) {
		t.Errorf("exchanged: %v, want %v", err, model.ErrMismatch)
	}
}
