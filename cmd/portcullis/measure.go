package main

import (
	"context"
	"fmt"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
)

// speed is what batches were measured to cost on a card. A batch of n tokens takes
// about call + n·token.
type speed struct {
	call   time.Duration // of a batch, whatever its size
	token  float64       // nanoseconds
	fixed  int           // call, in tokens: what a batch costs beside its tokens
	budget int           // tokens of the largest batch that is worth it
	failed error         // why a larger one could not be run, if that was the end
}

func (s speed) perSecond() float64 { return float64(time.Second) / s.token }

// card is a device whose batches gain by being large.
type card struct {
	backend inference.Backend
	tokens  func(count, longest, sum int) int // of a batch, as the device counts
	text    inference.Encoding                // the longest that the model allows
	limit   time.Duration                     // how long a batch may take
}

const (
	// usualText is the length that is measured, in tokens: long enough that a few
	// hundred fill a card, short enough to be what batches are made of.
	usualText = 128
	// repeats of a measurement count by their quickest: what disturbs one makes it
	// slower, never faster.
	repeats = 3
	// worthwhile is how much more a batch twice as large must give, as one part in
	// so many: below it a card is full, and only the wait grows.
	worthwhile = 20
)

// sample is one batch that was measured.
type sample struct {
	tokens int
	took   time.Duration
}

// prepare measures the card, and takes the memory of its largest batches.
func (c card) prepare(ctx context.Context) (speed, error) {
	s, err := c.measure(ctx)
	if err != nil {
		return s, err
	}
	s.budget, err = c.warm(ctx, s.budget)
	s.fixed = min(s.fixed, s.budget)
	return s, err
}

// measure runs the smallest batch and then ever larger ones of usual texts, until
// one takes longer than the limit, cannot be run (the card's memory), or gives too
// little more than half of it. The last one before is the budget.
func (c card) measure(ctx context.Context) (speed, error) {
	smallest, err := c.time(ctx, 1, 1)
	if err != nil {
		return speed{}, err
	}
	largest, err := c.time(ctx, 1, usualText)
	if err != nil {
		return speed{}, err
	}
	var failed error
	for count := 2; count <= cardMaxItems; count *= 2 {
		next, err := c.time(ctx, count, usualText)
		if err != nil || next.took > c.limit || !next.worth(largest) {
			failed = err
			break
		}
		largest = next
	}
	s := fit(smallest, largest, c.text.Len())
	s.failed = failed
	return s, ctx.Err()
}

// worth reports whether a batch gives enough more tokens a second than a smaller.
func (s sample) worth(smaller sample) bool {
	return s.rate()*worthwhile >= smaller.rate()*(worthwhile+1)
}

func (s sample) rate() float64 { return float64(s.tokens) / float64(s.took) }

// fit draws the line through two batches. A card that was disturbed may have taken
// no longer for the larger: then the whole of it counts as the cost of the call. The
// budget is at least one text of any length.
func fit(smallest, largest sample, longest int) speed {
	s := speed{token: float64(largest.took) / float64(largest.tokens), budget: max(largest.tokens, longest)}
	if more := largest.took - smallest.took; more > 0 && largest.tokens > smallest.tokens {
		s.token = float64(more) / float64(largest.tokens-smallest.tokens)
	}
	s.call = max(0, smallest.took-time.Duration(s.token*float64(smallest.tokens)))
	s.fixed = int(float64(s.call) / s.token)
	return s
}

// time runs count texts of a length, or of the longest, and returns their quickest run. The first one
// does not count: a new shape takes memory and looks for its kernels.
func (c card) time(ctx context.Context, count, length int) (sample, error) {
	batch := c.batch(count, length)
	length = batch[0].Len()
	best := sample{tokens: c.tokens(count, length, count*length)}
	for i := range 1 + repeats {
		began := time.Now()
		if _, err := c.backend.Run(ctx, batch); err != nil {
			return best, fmt.Errorf("measuring %d texts of %d tokens: %w", count, length, err)
		}
		if took := max(1, time.Since(began)); i > 0 && (best.took == 0 || took < best.took) {
			best.took = took
		}
	}
	return best, nil
}

// batch returns count texts of a length, at most the longest.
func (c card) batch(count, length int) []inference.Encoding {
	batch := make([]inference.Encoding, count)
	for i := range batch {
		batch[i].IDs = c.text.IDs[:min(length, c.text.Len())]
	}
	return batch
}

// warm runs the batches that take most memory, as many at once as there will be. It
// takes the memory before the first request, and shows TensorRT the shapes to come.
// Where they do not fit, half the budget is tried; the budget that fits is returned.
func (c card) warm(ctx context.Context, budget int) (int, error) {
	for {
		err := c.fill(ctx, budget)
		if err == nil || ctx.Err() != nil || budget <= c.text.Len() {
			return budget, err
		}
		budget = max(budget/2, c.text.Len())
	}
}

// fill runs the batch of the longest texts, that of the most texts, and where the
// device takes it for no larger one with a long text among many short.
func (c card) fill(ctx context.Context, budget int) error {
	longest, each := c.text.Len(), max(1, budget/cardMaxItems)
	mixed := append(c.batch(1, longest), c.batch(cardMaxItems-1, max(1, (budget-longest)/cardMaxItems))...)
	batches := [][]inference.Encoding{c.batch(max(1, budget/longest), longest), c.batch(cardMaxItems, each), mixed}
	for _, b := range batches {
		if c.size(b) > budget && len(b) > 1 {
			continue
		}
		if err := atOnce(ctx, cardInFlight, c.backend, b); err != nil {
			return err
		}
	}
	return nil
}

// size is what the batch is to the device, in tokens.
func (c card) size(batch []inference.Encoding) int {
	longest, sum := 0, 0
	for _, e := range batch {
		longest, sum = max(longest, e.Len()), sum+e.Len()
	}
	return c.tokens(len(batch), longest, sum)
}
