package main

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/gpu"
)

// shape is what a session does with texts of one length.
type shape struct {
	Tokens int
	Batch  int           // with the most texts a second
	Rate   float64       // texts a second in such batches
	Alone  time.Duration // one text by itself, median
}

// fixedLengths are the lengths that are measured, where the model takes them.
var fixedLengths = []int{32, 128, 512}

// bench measures one session.
type bench struct {
	session  *ort.Session
	graph    ort.Graph
	card     bool
	duration time.Duration
}

// shapes measures each length alone, and in batches twice as large each time until
// that gains nothing or a batch has 64 Ki tokens.
func (b bench) shapes(ctx context.Context) ([]shape, error) {
	var all []shape
	for _, tokens := range fixedLengths {
		if tokens > b.graph.MaxLength {
			continue
		}
		alone, err := b.alone(ctx, tokens)
		if err != nil {
			return nil, err
		}
		best := shape{Tokens: tokens, Alone: alone}
		for size := 1; size*tokens <= b.mostTokens(tokens); size *= 2 {
			rate, err := b.rate(ctx, tokens, size)
			if err != nil {
				return nil, err
			}
			if rate < best.Rate*1.02 && size > 4 {
				break
			}
			if rate > best.Rate {
				best.Batch, best.Rate = size, rate
			}
		}
		all = append(all, best)
	}
	return all, nil
}

// mostTokens bounds a batch. The CPU runs every text by itself.
func (b bench) mostTokens(tokens int) int {
	if b.card {
		return 1 << 16
	}
	return tokens
}

// inFlight is how many batches a session is given at a time: the service's own numbers.
func (b bench) inFlight() int {
	if b.card {
		return 2
	}
	return runtime.GOMAXPROCS(0)
}

// alone is the median time of one text with nothing beside it.
func (b bench) alone(ctx context.Context, tokens int) (time.Duration, error) {
	batch := gpu.NewDraw(1).Windows([]int{tokens}, b.graph.Vocabulary)
	var took []time.Duration
	for began := time.Now(); len(took) < 5 || time.Since(began) < b.duration; {
		start := time.Now()
		if _, err := b.session.Run(ctx, batch); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took[1:]) // the first one finds its kernels
	return took[1+len(took[1:])/2], nil
}

// rate is how many texts a second come out of batches of a size, as many at a time as
// the service runs.
func (b bench) rate(ctx context.Context, tokens, size int) (float64, error) {
	batch := gpu.NewDraw(2).Windows(slices.Repeat([]int{tokens}, size), b.graph.Vocabulary)
	if _, err := b.session.Run(ctx, batch); err != nil {
		return 0, err
	}
	counts, errs := make([]int, b.inFlight()), make([]error, b.inFlight())
	began := time.Now()
	var wg sync.WaitGroup
	for i := range counts {
		wg.Go(func() { counts[i], errs[i] = b.repeat(ctx, batch, began) })
	}
	wg.Wait()
	elapsed, total := time.Since(began).Seconds(), 0
	for i, n := range counts {
		if errs[i] != nil {
			return 0, errs[i]
		}
		total += n
	}
	return float64(total*size) / elapsed, nil
}

// repeat runs a batch until the time is over, and returns how often.
func (b bench) repeat(ctx context.Context, batch []inference.Encoding, began time.Time) (n int, err error) {
	for n < 2 || time.Since(began) < b.duration {
		if _, err := b.session.Run(ctx, batch); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
