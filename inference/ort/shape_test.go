package ort

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
)

func TestWidth(t *testing.T) {
	card := func(window int, change func(*Card)) shapes {
		c := DefaultCard()
		change(&c)
		return shapesOn(CUDA, c, Graph{MaxLength: window})
	}
	packed := func(row int) shapes {
		return shapesOn(CUDA, Card{TokenMultiple: 16, PackedRow: row}, Graph{MaxLength: 512, Layout: Packed})
	}
	same := func(*Card) {}
	for _, c := range []struct {
		name         string
		s            shapes
		longest, sum int
		want         int
	}{
		{"rounded up", card(512, same), 17, 20, 32},
		{"not beyond the model", card(24, same), 17, 20, 24},
		{"a multiple of 8", card(512, func(c *Card) { c.TokenMultiple = 8 }), 17, 20, 24},
		{"exact on the CPU", shapesOn(CPU, DefaultCard(), Graph{MaxLength: 512}), 17, 17, 17},
		{"a text alone in a packed row", packed(0), 40, 40, 48},
		{"all in one packed row", packed(0), 40, 300, 304},
		{"full packed rows", packed(0), 40, 3000, 512},
		{"shorter packed rows", packed(128), 40, 3000, 128},
		{"a text longer than a packed row", packed(128), 400, 3000, 400},
		{"packed on the CPU", shapesOn(CPU, DefaultCard(), Graph{MaxLength: 512, Layout: Packed}), 17, 17, 17},
	} {
		if got := c.s.width(c.longest, c.sum); got != c.want {
			t.Errorf("%s: width %d, want %d", c.name, got, c.want)
		}
	}
}

func TestRows(t *testing.T) {
	if got := (shapes{steps: 1, layout: Packed}).rows(5); got != 5 {
		t.Errorf("%d packed rows, want 5", got)
	}
	for steps, want := range map[int][]int{
		0: {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		1: {1, 2, 4, 4, 8, 8, 8, 8, 16, 16},
		2: {1, 2, 3, 4, 6, 6, 8, 8, 12, 12},
		4: {1, 2, 3, 4, 5, 6, 7, 8, 10, 10},
	} {
		var got []int
		for n := range want {
			got = append(got, shapes{steps: steps}.rows(n+1))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d steps: %v, want %v", steps, got, want)
		}
	}
}

// anyShapes are all kinds of shapes that a session may have.
func anyShapes() (all []shapes) {
	for _, layout := range []Layout{Padded, Packed} {
		g := Graph{MaxLength: 100, Layout: layout}
		all = append(all, shapesOn(CPU, DefaultCard(), g))
		for _, c := range []Card{{TokenMultiple: 1}, {TokenMultiple: 16, RowSteps: 2}, {TokenMultiple: 7, RowSteps: 1, PackedRow: 40}} {
			all = append(all, shapesOn(TensorRT, c, g))
		}
	}
	return all
}

func randomBatch(rng *rand.Rand, n, longest int) []inference.Encoding {
	batch := make([]inference.Encoding, n)
	for i := range batch {
		batch[i].IDs = make([]int32, 1+rng.IntN(longest))
	}
	return batch
}

// TestPlan lays random batches: each text is whole in one row and alone on its
// place. A batch is as many tokens as the batcher is told, and more only where
// rows are rounded up or packed rows have gaps.
func TestPlan(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range anyShapes() {
		var p plan // reused, as a call does
		for range 300 {
			batch := randomBatch(rng, 1+rng.IntN(40), 100)
			if !s.grouped {
				batch = batch[:1]
			}
			p.lay(batch, s)
			longest, sum, taken := 0, 0, make([]bool, p.rows*p.width)
			for i, e := range batch {
				first, last := p.starts[i], p.starts[i]+e.Len()-1
				if first/p.width != last/p.width {
					t.Fatalf("%+v: text %d lies in two rows", s, i)
				}
				for at := first; at <= last; at++ {
					if taken[at] {
						t.Fatalf("%+v: two texts at %d", s, at)
					}
					taken[at] = true
				}
				longest, sum = max(longest, e.Len()), sum+e.Len()
			}
			got, told := p.rows*p.width, s.tokens(len(batch), longest, sum)
			if got < told || got > 2*told+2*p.width || s.steps == 0 && !s.layout.packed() && got != told {
				t.Fatalf("%+v: %d tokens, the batcher is told %d", s, got, told)
			}
		}
	}
}

// TestTokensNeverFall: the batcher takes a batch for full when one more text is too
// much, so more may never cost less.
func TestTokensNeverFall(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, s := range anyShapes() {
		count, longest, sum, cost := 0, 0, 0, 0
		for range 200 {
			n := 1 + rng.IntN(100)
			count, longest, sum = count+1, max(longest, n), sum+n
			if next := s.tokens(count, longest, sum); next < cost || next < sum {
				t.Fatalf("%+v: %d texts cost %d, one less %d", s, count, next, cost)
			} else {
				cost = next
			}
		}
	}
}

// TestPackingIsTight packs the lengths that real texts have.
func TestPackingIsTight(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	s := shapesOn(CUDA, Card{TokenMultiple: 16}, Graph{MaxLength: 512, Layout: Packed})
	var p plan
	tokens, laid := 0, 0
	for range 100 {
		batch := make([]inference.Encoding, 128)
		for i := range batch {
			batch[i].IDs = make([]int32, realLength(rng))
			tokens += batch[i].Len()
		}
		p.lay(batch, s)
		laid += p.rows * p.width
	}
	if factor := float64(laid) / float64(tokens); factor > 1.05 {
		t.Errorf("packed rows are %.3f times the tokens of their texts, want at most 1.05", factor)
	}
}

// realLength is lognormal as texts are: median 40, p99 about 400, cut at 512.
func realLength(rng *rand.Rand) int {
	return int(min(512, max(1, math.Exp(math.Log(40)+0.99*rng.NormFloat64()))))
}
