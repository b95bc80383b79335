package cache_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/cache"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var model = inferencetest.FakeConfig{Labels: 3}

// window returns a window of n tokens that differs from those of other ids.
func window(id int32, n int) inference.Encoding {
	return inference.Encoding{IDs: append(slices.Repeat([]int32{1}, n-1), id)}
}

func windows(ids ...int32) (all []inference.Encoding) {
	for _, id := range ids {
		all = append(all, window(id, 8))
	}
	return all
}

type flowKey struct{}

// in returns a context whose calls belong to a flow.
func in(ctx context.Context, flow string) context.Context {
	return context.WithValue(ctx, flowKey{}, flow)
}

func flowOf(ctx context.Context) any { return ctx.Value(flowKey{}) }

func newCache() *cache.Cache { return cache.New(cache.DefaultConfig(), flowOf) }

// gate is a runner that waits to be opened, and knows what was asked of it.
type gate struct {
	mu   sync.Mutex
	asks []ask
	open chan error // an error for each call
}

type ask struct {
	ctx     context.Context
	windows []inference.Encoding
}

func newGate() *gate { return &gate{open: make(chan error)} }

func (g *gate) run(ctx context.Context, windows []inference.Encoding) ([][]float32, error) {
	g.mu.Lock()
	g.asks = append(g.asks, ask{ctx, windows})
	g.mu.Unlock()
	rows := make([][]float32, len(windows))
	select {
	case err := <-g.open:
		for i, w := range windows {
			rows[i] = model.Row(w.IDs)
		}
		if err != nil {
			rows[len(rows)-1] = nil // the others had finished
		}
		return rows, err
	case <-ctx.Done():
		return rows, ctx.Err()
	}
}

// asked returns how many windows each call had.
func (g *gate) asked() (sizes []int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, a := range g.asks {
		sizes = append(sizes, len(a.windows))
	}
	return sizes
}

func (g *gate) wantAsked(t *testing.T, sizes ...int) {
	t.Helper()
	if got := g.asked(); !slices.Equal(got, sizes) {
		t.Fatalf("calls of %v windows, want %v", got, sizes)
	}
}

type reply struct {
	rows [][]float32
	err  error
}

// call asks on a goroutine of its own.
func call(ctx context.Context, run inference.Runner, windows []inference.Encoding) <-chan reply {
	done := make(chan reply, 1)
	go func() {
		rows, err := run(ctx, windows)
		done <- reply{rows, err}
	}()
	return done
}

// checkRows asserts that all rows are there and right.
func checkRows(t *testing.T, windows []inference.Encoding, r reply) {
	t.Helper()
	if r.err != nil || len(r.rows) != len(windows) {
		t.Fatalf("%d rows for %d windows, error %v", len(r.rows), len(windows), r.err)
	}
	for i, w := range windows {
		if !slices.Equal(r.rows[i], model.Row(w.IDs)) {
			t.Fatalf("window %d: row %v, want %v", i, r.rows[i], model.Row(w.IDs))
		}
	}
}

func ask1(t *testing.T, run inference.Runner, windows []inference.Encoding) {
	t.Helper()
	rows, err := run(t.Context(), windows)
	checkRows(t, windows, reply{rows, err})
}

var errLost = errors.New("lost")
