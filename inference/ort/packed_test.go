package ort

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
)

// tinyPacked is one of the packed graphs of testdata/graphs.py. They give the logits
// of the padded ones, and others wherever a text is not laid as it is to be.
func tinyPacked(name string) Graph {
	g := tiny(name)
	g.Layout = Packed
	return g
}

var packedGraphs = []string{"packed.onnx", "packed-lengths.onnx"}

// cards are settings that lay batches out in different ways.
var cards = map[string]Card{
	"default":       DefaultCard(),
	"exact":         {TokenMultiple: 1},
	"short rows":    {TokenMultiple: 4, PackedRow: 12},
	"few, wide":     {TokenMultiple: 32, RowSteps: 1},
	"odd multiples": {TokenMultiple: 7, RowSteps: 2, PackedRow: 20},
}

// openAsOnCard opens a session on the CPU that lays its batches out as on a card.
func openAsOnCard(tb testing.TB, g Graph, c Card) *Session {
	tb.Helper()
	s := openSession(tb, g)
	s.shapes = shapesOn(CUDA, c, g)
	return s
}

func TestPackedSessionIsABackend(t *testing.T) {
	for _, name := range packedGraphs {
		g := tinyPacked(name)
		t.Run(name+" text by text", func(t *testing.T) {
			inferencetest.RunBackend(t, func(t *testing.T) inferencetest.Harness {
				return inferencetest.Harness{Backend: openSession(t, g), Labels: g.Labels, Vocabulary: g.Vocabulary, MaxLength: g.MaxLength}
			})
		})
		for _, kind := range []string{"default", "short rows"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				inferencetest.RunBackend(t, func(t *testing.T) inferencetest.Harness {
					return inferencetest.Harness{Backend: openAsOnCard(t, g, cards[kind]), Labels: g.Labels, Vocabulary: g.Vocabulary, MaxLength: g.MaxLength}
				})
			})
		}
	}
}

// TestMixes runs random mixes of lengths through one session of each kind, so that
// every batch finds in its buffers what the ones before it left.
func TestMixes(t *testing.T) {
	for _, name := range append(packedGraphs, "int64.onnx", "int32.onnx") {
		g := tiny(name)
		if slices.Contains(packedGraphs, name) {
			g.Layout = Packed
		}
		for kind, card := range cards {
			s, rng := openAsOnCard(t, g, card), rand.New(rand.NewPCG(1, 2))
			for range 60 {
				batch := randomBatch(rng, 1+rng.IntN(50), g.MaxLength)
				fillRandomly(rng, batch, g.Vocabulary)
				expectLogits(t, s, name+" "+kind, batch)
			}
		}
	}
}

func expectLogits(t *testing.T, s *Session, name string, batch []inference.Encoding) {
	t.Helper()
	rows, err := s.Run(t.Context(), batch)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for i, row := range rows {
		if want := logits(batch[i].IDs); !slices.Equal(row, want) {
			t.Fatalf("%s: text %d of %d: %v, want %v", name, i, len(batch), row, want)
		}
	}
}

// TestLayoutMustAgree: a graph that is run as the other kind would take one text for
// another.
func TestLayoutMustAgree(t *testing.T) {
	r := openRuntime(t, config())
	for want, g := range map[string]Graph{
		"the graph is packed":            tiny("packed.onnx"),
		`input "attention_mask"`:         {Path: "testdata/no-types.onnx", Layout: Packed, Labels: 3, MaxLength: 24, Vocabulary: 32},
		"no input sequence_ids":          {Path: "testdata/only-ids.onnx", Layout: Packed, Labels: 3, MaxLength: 24, Vocabulary: 32},
		"3 labels, the manifest 2":       {Path: "testdata/packed.onnx", Layout: Packed, Labels: 2, MaxLength: 24, Vocabulary: 32},
		`input "x", want only input_ids`: {Path: "probe.onnx", Layout: Packed, Labels: 3, MaxLength: 24, Vocabulary: 32},
	} {
		if s, err := r.Session(g, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("session %v, error %v, want one with %q", s, err, want)
		}
	}
}

// BenchmarkPacked is a batch of real lengths, laid out and run through a graph that
// computes next to nothing: what it costs to lay it out.
func BenchmarkPacked(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	batch := make([]inference.Encoding, 128)
	for i := range batch {
		batch[i].IDs = make([]int32, realLength(rng))
	}
	g := tinyPacked("packed-lengths.onnx")
	g.MaxLength = 512
	s := openSession(b, g)
	s.shapes = shapesOn(CUDA, DefaultCard(), g)
	c, err := newCall(s)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.plan.lay(batch, s.shapes)
		for i, col := range c.columns {
			if c.inputs[i], err = col.tensor(batch, &c.plan); err != nil {
				b.Fatal(err)
			}
		}
		if err := c.drop(); err != nil {
			b.Fatal(err)
		}
	}
	if err := c.destroy(); err != nil {
		b.Fatal(err)
	}
}
