package gpu

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
)

// mayDiffer is how far a probability may lie from that of the fp32 graph on the CPU. Of
// random weights int8 loses more than of trained ones, about which model/export knows.
var mayDiffer = map[ort.Precision]float64{ort.FP32: 1e-3, ort.FP16: 5e-3, ort.INT8: 5e-2}

// Every graph gives the probabilities that the fp32 graph gives on the CPU, for windows
// of all lengths, alone and in batches. Without a card those for a card run on the CPU
// too, which widens fp16: it shows that weights and layout are right, not the card.
func TestScoresEqualThoseOfTheCPU(t *testing.T) {
	exactly := config(t, provider())
	exactly.Precision = ort.FP32 // no TF32
	r, cpu := open(t, exactly), open(t, config(t, ort.CPU))
	for _, dir := range models() {
		s := subject(t, dir)
		exact, err := s.Graph(ort.CPU, ort.FP32)
		if err != nil {
			t.Errorf("nothing to compare with: %v", err)
			continue
		}
		draw := NewDraw(5)
		windows := draw.Windows(lengths(draw, 200, exact.MaxLength), exact.Vocabulary)
		want := onAllCores(t, session(t, cpu, exact, 0), windows)
		graphs := s.Graphs(provider())
		if half, err := s.Graph(ort.CUDA, ort.FP16); !onCard() && err == nil {
			graphs = append(graphs, half)
		}
		for _, g := range graphs {
			t.Run(title(g), func(t *testing.T) { compare(t, s, session(t, r, g, 0), windows, want, mayDiffer[g.Precision]) })
		}
	}
}

// compare runs the windows in batches of several sizes.
func compare(t *testing.T, s *Subject, backend inference.Backend, windows []inference.Encoding, want [][]float32, allowed float64) {
	t.Helper()
	worst := 0.0
	for _, batch := range []int{1, 7, 64} {
		worst = max(worst, furthest(t, s, want, inBatches(t, backend, windows, batch)))
	}
	t.Logf("probabilities of %d windows within %.1e of fp32 on the CPU, allowed is %.0e", len(windows), worst, allowed)
	if worst > allowed {
		t.Error("too far")
	}
}

// onAllCores runs windows one by one, as many at a time as there are cores.
func onAllCores(t *testing.T, backend inference.Backend, windows []inference.Encoding) [][]float32 {
	t.Helper()
	rows := make([][]float32, len(windows))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(windows) && !t.Failed(); i = next.Add(1) - 1 {
				row, err := backend.Run(t.Context(), windows[i:i+1])
				if err != nil {
					t.Error(err)
					return
				}
				rows[i] = row[0]
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return rows
}

func inBatches(t *testing.T, backend inference.Backend, windows []inference.Encoding, size int) (rows [][]float32) {
	t.Helper()
	for from := 0; from < len(windows); from += size {
		rows = append(rows, run(t, backend, windows[from:min(from+size, len(windows))])...)
	}
	return rows
}

// furthest is the largest difference between the probabilities of two sets of rows.
func furthest(t *testing.T, s *Subject, a, b [][]float32) float64 {
	t.Helper()
	worst := 0.0
	for i := range a {
		p, q := probabilities(t, s, a[i]), probabilities(t, s, b[i])
		for j := range p {
			worst = max(worst, math.Abs(p[j]-q[j]))
		}
	}
	return worst
}

func probabilities(t *testing.T, s *Subject, logits []float32) []float64 {
	t.Helper()
	p, err := s.Probabilities(logits)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
