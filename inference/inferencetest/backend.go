package inferencetest

import (
	"math"
	"slices"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
)

// Harness is a backend under test and what its model allows.
type Harness struct {
	// Backend is fresh for each test; the suite closes it.
	Backend inference.Backend
	// Labels is the length of a row.
	Labels int
	// Vocabulary is one more than the highest id, at least 8.
	Vocabulary int
	// MaxLength is the longest window, at least 8.
	MaxLength int
	// Tolerance is how far two runs of one window may lie apart: 0 on the CPU,
	// a little where windows are padded together.
	Tolerance float64
	// Slow, if it is set, takes a second or more for a window of 8 tokens. It
	// shows that a running call ends with its context.
	Slow inference.Backend
}

// RunBackend checks every promise of inference.Backend. The model must tell
// windows of different ids apart.
func RunBackend(t *testing.T, open func(t *testing.T) Harness) {
	for name, check := range map[string]func(*testing.T, Harness){
		"one row of labels a window": checkShape,
		"rows in order":              checkOrder,
		"batch mates do not matter":  checkIndependence,
		"empty batch":                checkEmpty,
		"bad windows are errors":     checkBad,
		"concurrent use":             checkConcurrent,
		"context over before":        checkCancelled,
		"context over meanwhile":     checkInterrupted,
		"closed":                     checkClosed,
		"close while running":        checkCloseRunning,
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			t.Cleanup(func() {
				if err := h.Backend.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			check(t, h)
		})
	}
}

// windows returns n windows of different ids and lengths, the longest allowed
// among them.
func (h Harness) windows(n int) []inference.Encoding {
	batch := make([]inference.Encoding, n)
	for i := range batch {
		length := 2 + (i*5)%(h.MaxLength-1)
		if i == 1 {
			length = h.MaxLength
		}
		ids := make([]int32, length)
		for j := range ids {
			ids[j] = int32(1 + (i*7+j*j+3)%(h.Vocabulary-1))
		}
		batch[i] = inference.Encoding{IDs: ids}
	}
	return batch
}

func (h Harness) run(t *testing.T, batch []inference.Encoding) [][]float32 {
	t.Helper()
	rows, err := h.Backend.Run(t.Context(), batch)
	if err != nil {
		t.Fatalf("run of %d windows: %v", len(batch), err)
	}
	if len(rows) != len(batch) {
		t.Fatalf("%d rows for %d windows", len(rows), len(batch))
	}
	return rows
}

func (h Harness) equal(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) <= h.Tolerance })
}

func checkShape(t *testing.T, h Harness) {
	for n := 1; n <= 9; n += 4 {
		for i, row := range h.run(t, h.windows(n)) {
			if len(row) != h.Labels {
				t.Errorf("row %d of %d has %d values, want %d", i, n, len(row), h.Labels)
			}
		}
	}
}

func checkOrder(t *testing.T, h Harness) {
	batch := h.windows(6)
	forward := h.run(t, batch)
	slices.Reverse(batch)
	backward := h.run(t, batch)
	slices.Reverse(backward)
	for i := range forward {
		if !h.equal(forward[i], backward[i]) {
			t.Errorf("window %d: %v, and %v from the other end", i, forward[i], backward[i])
		}
		if i > 0 && h.equal(forward[i], forward[0]) {
			t.Errorf("windows 0 and %d score the same: the order cannot be told", i)
		}
	}
}

func checkIndependence(t *testing.T, h Harness) {
	batch := h.windows(7)
	together := h.run(t, batch)
	for i := range batch {
		alone := h.run(t, batch[i:i+1])[0]
		if !h.equal(alone, together[i]) {
			t.Errorf("window %d: %v alone, %v in a batch", i, alone, together[i])
		}
	}
}

func checkEmpty(t *testing.T, h Harness) {
	if rows := h.run(t, nil); len(rows) != 0 {
		t.Errorf("%d rows of nothing", len(rows))
	}
}

func checkBad(t *testing.T, h Harness) {
	good := h.windows(1)[0]
	for name, ids := range map[string][]int32{
		"no tokens":       {},
		"too long":        make([]int32, h.MaxLength+1),
		"negative id":     {1, -1, 2},
		"id out of range": {1, int32(h.Vocabulary), 2},
		"huge id":         {1, math.MaxInt32, 2},
	} {
		batch := []inference.Encoding{good, {IDs: ids}, good}
		if rows, err := h.Backend.Run(t.Context(), batch); err == nil {
			t.Errorf("%s: rows %v and no error", name, rows)
		}
	}
	h.run(t, []inference.Encoding{good}) // and the backend lives on
}
