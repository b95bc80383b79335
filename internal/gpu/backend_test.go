package gpu

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
	"github.com/portcullis-ai/portcullis/inference/ort"
)

// roundOff is how far the logits of one window may lie apart that was computed among
// others: not at all on the CPU, where it never is.
func roundOff(p ort.Precision) float64 {
	switch {
	case !onCard():
		return 0
	case p == ort.FP32:
		return 2e-2 // TF32 keeps 10 bits of 23
	}
	return 5e-2
}

// The promises of every backend, with the graphs of the model and one that takes
// seconds, which must end with its context.
func TestBackendKeepsItsPromises(t *testing.T) {
	r := open(t, config(t, provider()))
	each(t, func(t *testing.T, _ *Subject, g ort.Graph) {
		inferencetest.RunBackend(t, func(t *testing.T) inferencetest.Harness {
			slow := ort.Graph{Path: "testdata/slow.onnx", Precision: ort.FP32, Labels: 1, MaxLength: 64, Vocabulary: 64}
			return inferencetest.Harness{
				Backend: session(t, r, g, 0), Labels: g.Labels, Vocabulary: g.Vocabulary, MaxLength: g.MaxLength,
				Tolerance: roundOff(g.Precision), Slow: session(t, r, slow, 0),
			}
		})
	})
}

// Tensors lie over buffers that are used again: what a longer or fuller batch left
// there must not reach the next one, whoever runs beside it.
func TestBuffersAreReused(t *testing.T) {
	r := open(t, config(t, provider()))
	each(t, func(t *testing.T, _ *Subject, g ort.Graph) {
		backend, draw := session(t, r, g, 0), NewDraw(11)
		windows := draw.Windows(lengths(draw, 24, g.MaxLength), g.Vocabulary)
		want := run(t, backend, windows)
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() { mix(t, backend, uint64(worker), windows, want, roundOff(g.Precision)) })
		}
		wg.Wait()
	})
}

// mix runs changing choices of the windows and compares with what they gave before.
func mix(t *testing.T, backend inference.Backend, seed uint64, windows []inference.Encoding, want [][]float32, tolerance float64) {
	draw := NewDraw(seed)
	for range 50 {
		from := draw.Length(0, len(windows)-1)
		to := draw.Length(from+1, len(windows))
		rows, err := backend.Run(t.Context(), windows[from:to])
		if err != nil {
			t.Error(err)
			return
		}
		for i, row := range rows {
			if apart := distance(row, want[from+i]); apart > tolerance {
				t.Errorf("window %d: %v, before %v: %g apart", from+i, row, want[from+i], apart)
				return
			}
		}
	}
}

func run(t *testing.T, backend inference.Backend, batch []inference.Encoding) [][]float32 {
	t.Helper()
	rows, err := backend.Run(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(rows)
}

// distance is the largest difference; a value that is no number is far from all.
func distance(a, b []float32) float64 {
	worst := 0.0
	for i := range a {
		d := math.Abs(float64(a[i] - b[i]))
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		worst = max(worst, d)
	}
	return worst
}
