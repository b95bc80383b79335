package main

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/internal/gpu"
)

// mixed is what comes out of the batcher for texts of mixed lengths.
type mixed struct {
	Budget  int     // tokens of a batch, padding counted
	Rate    float64 // texts a second
	Tokens  float64 // their own tokens a second
	Padding float64 // tokens computed for each of their own
}

// A batch of a card may hold as many tokens as these, one after the other, and texts.
var budgets = []int{4096, 8192, 16384, 32768, 65536}

const mostTexts = 256

// mix sends texts through the batcher, all of them waiting, with each budget, and
// returns the best.
func (b bench) mix(ctx context.Context, texts int) (best mixed, err error) {
	draw := gpu.NewDraw(3)
	lengths := draw.Mix(texts, b.graph.MaxLength)
	windows := draw.Windows(lengths, b.graph.Vocabulary)
	tries := budgets
	if !b.card {
		tries = []int{b.graph.MaxLength}
	}
	for _, budget := range tries {
		one, err := b.batched(ctx, windows, budget)
		if err != nil {
			return best, err
		}
		if one.Rate > best.Rate {
			best = one
		}
	}
	return best, nil
}

// batched runs the windows in batches of at most budget tokens.
func (b bench) batched(ctx context.Context, windows []inference.Encoding, budget int) (m mixed, err error) {
	var computed atomic.Int64
	own := total(windows)
	batcher, err := batching.New(batching.Config{MaxQueueCost: 2 * own}, inference.Encoding.Len, []batching.Executor[inference.Encoding, []float32]{
		b.executor(budget, &computed),
	})
	if err != nil {
		return m, err
	}
	defer batcher.Shutdown(context.WithoutCancel(ctx)) //nolint:errcheck // every call has its answer
	began := time.Now()
	if _, err := batcher.DoAll(ctx, windows); err != nil {
		return m, err
	}
	seconds := time.Since(began).Seconds()
	return mixed{
		Budget: budget, Rate: float64(len(windows)) / seconds, Tokens: float64(own) / seconds,
		Padding: float64(computed.Load()) / float64(own),
	}, nil
}

// executor is the session as the service runs it, counting what it computes.
func (b bench) executor(budget int, computed *atomic.Int64) batching.Executor[inference.Encoding, []float32] {
	e := batching.Executor[inference.Encoding, []float32]{
		Name: "bench", InFlight: b.inFlight(), MaxItems: mostTexts, MaxCost: budget, Cost: b.session.Tokens,
		Run: func(ctx context.Context, batch []inference.Encoding) ([][]float32, error) {
			longest := slices.MaxFunc(batch, func(x, y inference.Encoding) int { return x.Len() - y.Len() }).Len()
			computed.Add(int64(b.session.Tokens(len(batch), longest, total(batch))))
			return b.session.Run(ctx, batch)
		},
	}
	if !b.card {
		e.MaxItems, e.Cost = 1, batching.Padded(0)
	}
	return e
}

func total(windows []inference.Encoding) (tokens int) {
	for _, w := range windows {
		tokens += w.Len()
	}
	return tokens
}
