package ort

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
)

// bert is one of the graphs of testdata/exported.py: a small BERT on random weights,
// as the exporter writes it.
func bert(head string, l Layout) Graph {
	g := tiny("bert-" + head + "." + l.String() + ".onnx")
	g.Layout = l
	if head == "mean" {
		g.Labels = 6
	}
	return g
}

var heads = []string{"mean", "first"}

// near is how far two logits may lie apart that were computed in another order.
const near = 1e-4

func close32(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) <= near })
}

func TestExportedGraphsAreBackends(t *testing.T) {
	for _, head := range heads {
		for _, layout := range []Layout{Padded, Packed} {
			g := bert(head, layout)
			for _, kind := range []string{"default", "short rows"} {
				t.Run(head+" "+layout.String()+" "+kind, func(t *testing.T) {
					inferencetest.RunBackend(t, func(t *testing.T) inferencetest.Harness {
						return inferencetest.Harness{
							Backend: openAsOnCard(t, g, cards[kind]), Labels: g.Labels, Vocabulary: g.Vocabulary, MaxLength: g.MaxLength, Tolerance: near,
						}
					})
				})
			}
		}
	}
}

// TestPackedEqualsAlone: on random mixes a text scores the same packed among others, in
// whatever rows, padded among others, and alone.
func TestPackedEqualsAlone(t *testing.T) {
	for _, head := range heads {
		g, rng := bert(head, Padded), rand.New(rand.NewPCG(3, 4))
		alone := openSession(t, g)
		among := map[string]*Session{"packed alone": openSession(t, bert(head, Packed))}
		for kind, card := range cards {
			among["padded "+kind] = openAsOnCard(t, g, card)
			among["packed "+kind] = openAsOnCard(t, bert(head, Packed), card)
		}
		for range 20 {
			batch := randomBatch(rng, 1+rng.IntN(60), g.MaxLength)
			fillRandomly(rng, batch, g.Vocabulary)
			want, err := alone.Run(t.Context(), batch)
			if err != nil {
				t.Fatal(err)
			}
			for kind, s := range among {
				got, err := s.Run(t.Context(), batch)
				if err != nil {
					t.Fatalf("%s %s: %v", head, kind, err)
				}
				for i := range want {
					if !close32(got[i], want[i]) {
						t.Fatalf("%s %s: text %d of %d: %v, alone %v", head, kind, i, len(batch), got[i], want[i])
					}
				}
			}
		}
	}
}

// TestTextsDoNotSeeEachOther changes one text of a packed batch: its score changes, and
// no other. It shows that the test above could fail.
func TestTextsDoNotSeeEachOther(t *testing.T) {
	for _, head := range heads {
		g, rng := bert(head, Packed), rand.New(rand.NewPCG(5, 6))
		s := openAsOnCard(t, g, DefaultCard())
		batch := randomBatch(rng, 12, g.MaxLength)
		fillRandomly(rng, batch, g.Vocabulary)
		before, err := s.Run(t.Context(), batch)
		if err != nil {
			t.Fatal(err)
		}
		for changed := range batch {
			other := slices.Clone(batch)
			other[changed] = inference.Encoding{IDs: slices.Repeat([]int32{7}, batch[changed].Len())}
			after, err := s.Run(t.Context(), other)
			if err != nil {
				t.Fatal(err)
			}
			for i := range batch {
				if same := close32(before[i], after[i]); same == (i == changed) {
					t.Errorf("%s: text %d changed, text %d scores the same: %v", head, changed, i, same)
				}
			}
		}
	}
}

func fillRandomly(rng *rand.Rand, batch []inference.Encoding, vocabulary int) {
	for _, e := range batch {
		for i := range e.IDs {
			e.IDs[i] = rng.Int32N(int32(vocabulary))
		}
	}
}
