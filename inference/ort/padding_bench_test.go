package ort

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/inference"
)

// tally stands where a card would: it lays each batch out as a session does and
// counts what the card would compute.
type tally struct {
	shapes shapes
	plan   plan
	seen   map[[2]int]bool // rows and widths
	runs   int
	texts  int // tokens of texts
	laid   int // tokens of tensors
}

func (c *tally) run(_ context.Context, batch []inference.Encoding) ([][]float32, error) {
	c.plan.lay(batch, c.shapes)
	c.seen[[2]int{c.plan.rows, c.plan.width}] = true
	c.runs++
	c.laid += c.plan.rows * c.plan.width
	for _, e := range batch {
		c.texts += e.Len()
	}
	return make([][]float32, len(batch)), nil
}

// The cost of a call and the budget, in tokens: those of a card whose batches are
// well worth filling.
const benchFixed, benchBudget = 2000, 16384

func (c *tally) batcher(b *testing.B) *batching.Batcher[inference.Encoding, []float32] {
	b.Helper()
	cost := func(count, longest, sum int) int { return benchFixed + c.shapes.tokens(count, longest, sum) }
	batcher, err := batching.New(batching.Config{MaxQueueCost: 1 << 30}, inference.Encoding.Len, []batching.Executor[inference.Encoding, []float32]{
		{Name: "card", InFlight: 1, MaxItems: 256, MaxCost: benchFixed + benchBudget, Cost: cost, Run: c.run},
	})
	if err != nil {
		b.Fatal(err)
	}
	return batcher
}

// BenchmarkPadding sends texts of the lengths that real ones have through the
// batcher, so many waiting at a time, and reports what the batches of a card are
// like: tokens computed for each token of a text (padding), the same with the
// cost of calls (work), and how many shapes of tensor there were.
func BenchmarkPadding(b *testing.B) {
	every, few, fewer := Card{TokenMultiple: 1}, DefaultCard(), Card{TokenMultiple: 32, RowSteps: 2}
	for _, layout := range []Layout{Padded, Packed} {
		for _, card := range []Card{every, few, fewer} {
			for _, waiting := range []int{16, 64, 1024} {
				name := fmt.Sprintf("%s/multiple=%d/steps=%d/waiting=%d", layout, card.TokenMultiple, card.RowSteps, waiting)
				b.Run(name, func(b *testing.B) {
					c := &tally{shapes: shapesOn(CUDA, card, Graph{MaxLength: 512, Layout: layout}), seen: map[[2]int]bool{}}
					c.measure(b, waiting)
				})
			}
		}
	}
}

func (c *tally) measure(b *testing.B, waiting int) {
	b.Helper()
	batcher, rng := c.batcher(b), rand.New(rand.NewPCG(7, 8))
	texts := make([]inference.Encoding, waiting)
	for b.Loop() {
		for i := range texts {
			texts[i].IDs = make([]int32, realLength(rng))
		}
		if _, err := batcher.DoAll(b.Context(), texts); err != nil {
			b.Fatal(err)
		}
	}
	if err := batcher.Shutdown(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(c.laid)/float64(c.texts), "padding")
	b.ReportMetric(float64(c.laid+benchFixed*c.runs)/float64(c.texts), "work")
	b.ReportMetric(float64(len(c.seen)), "shapes")
	b.ReportMetric(float64(c.texts)/float64(c.runs), "tokens/batch")
}
