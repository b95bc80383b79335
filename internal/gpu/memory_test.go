package gpu

import (
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
)

// What the memory in use may grow by after the warm-up: a share of it, and a sum that
// stands for nothing but the grain of the figures.
const (
	mayGrowShare = 0.05
	mayGrowBy    = 16 << 20
)

// The largest batch.
const mostRows, mostTokens = 64, 8192

// Thousands of batches of random shapes must not take more memory than the first few,
// the largest one among them, did: not on the card, and not in this process.
func TestMemoryStaysFlat(t *testing.T) {
	r := open(t, config(t, provider()))
	each(t, func(t *testing.T, _ *Subject, g ort.Graph) {
		backend, draw := session(t, r, g, 0), NewDraw(13)
		shapes := rounds(t, envShapes, 1000)
		run(t, backend, draw.Windows(full(max(1, min(mostRows, mostTokens/g.MaxLength)), g.MaxLength), g.Vocabulary))
		churn(t, backend, draw, g, shapes/10)
		before := inUse(t)
		churn(t, backend, draw, g, shapes-shapes/10)
		for what, now := range inUse(t) {
			t.Logf("%s: %d MiB after %d shapes, %d MiB after %d", what, before[what]>>20, shapes/10, now>>20, shapes)
			if allowed := before[what] + int64(float64(before[what])*mayGrowShare) + mayGrowBy; now > allowed {
				t.Errorf("%s grew from %d to %d MiB", what, before[what]>>20, now>>20)
			}
		}
	})
}

// churn runs n batches of random shapes.
func churn(t *testing.T, backend inference.Backend, draw *Draw, g ort.Graph, n int) {
	t.Helper()
	for range n {
		longest := draw.Length(2, g.MaxLength)
		rows := draw.Length(1, min(mostRows, max(1, mostTokens/longest)))
		if !onCard() {
			rows = 1 // the CPU runs every window by itself
		}
		lengths := make([]int, rows)
		for i := range lengths {
			lengths[i] = draw.Length(2, longest)
		}
		run(t, backend, draw.Windows(lengths, g.Vocabulary))
	}
}

func full(rows, tokens int) []int {
	lengths := make([]int, rows)
	for i := range lengths {
		lengths[i] = tokens
	}
	return lengths
}

// inUse is the memory of this process and of each card, in bytes.
func inUse(t *testing.T) map[string]int64 {
	t.Helper()
	resident, err := Resident()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]int64{"this process": resident}
	if !onCard() {
		return used
	}
	cards, err := Cards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	used["the first card"] = cards[0].Used
	return used
}
