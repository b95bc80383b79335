package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/load"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/internal/gpu"
)

const paddingMethod = `On the CPU texts are run one at a time and nothing is padded, which the first table shows as the service counts it. What a card would get is shown with the service's own
batcher in front of a pretended card: it sleeps for a millisecond a batch and 5 µs a padded token, one batch at a time, two in flight, at most 256 texts and 8192 tokens, which is how
the service drives a card. Texts come at a constant rate, lognormal lengths. "First come" is the padding of batches of the same size in the order of arrival.`

// The pretended card.
const (
	cardCall   = time.Millisecond
	cardToken  = 5 * time.Microsecond
	cardBudget = 8192
	cardTexts  = 256
)

// card counts what it is given.
type card struct {
	device sync.Mutex // one batch at a time
	mu     sync.Mutex // guards the sums
	batches, texts,
	own, padded int
}

// Run sleeps for as long as a card would compute.
func (c *card) Run(_ context.Context, batch []inference.Encoding) ([][]float32, error) {
	longest, own := 0, 0
	for _, w := range batch {
		longest, own = max(longest, w.Len()), own+w.Len()
	}
	c.device.Lock()
	time.Sleep(cardCall + time.Duration(longest*len(batch))*cardToken)
	c.device.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches, c.texts, c.own, c.padded = c.batches+1, c.texts+len(batch), c.own+own, c.padded+longest*len(batch)
	return make([][]float32, len(batch)), nil
}

// batcher puts the service's queue in front of the card.
func (c *card) batcher() (*batching.Batcher[inference.Encoding, []float32], error) {
	fixed := int(cardCall / cardToken)
	return batching.New(batching.DefaultConfig(), inference.Encoding.Len, []batching.Executor[inference.Encoding, []float32]{{
		Name: "pretended", Run: c.Run, InFlight: 2, MaxItems: cardTexts, MaxCost: fixed + cardBudget, Cost: batching.Padded(fixed),
	}})
}

// padding shows batch size and padding over load.
func (p *proof) padding(ctx context.Context) (figures.Part, error) {
	part := figures.Part{Method: paddingMethod}
	served, err := p.servedPadding(ctx)
	if err != nil {
		return part, err
	}
	table := figures.Table{Title: "A pretended card", Columns: []string{"offered", "texts a second", "texts in a batch", "padded over own tokens", "first come", "p50, ms", "p99, ms"}}
	size := figures.Plot{Name: "batch-size", Title: "Texts in a batch over load (pretended card)", X: "offered, % of what the card could do without padding", Y: "texts", Lines: []figures.Curve{{Name: "texts in a batch"}}}
	waste := figures.Plot{Name: "padding", Title: "Padding over load (pretended card)", X: size.X, Y: "padded over own tokens", Lines: []figures.Curve{{Name: "by length, as the service does"}, {Name: "first come, batches of the same size"}}}
	lengths := gpu.NewDraw(5).Mix(20_000, longest)
	most := 1 / (mean(lengths) * cardToken.Seconds())
	for _, share := range []float64{0.1, 0.3, 0.5, 0.7, 0.8, 0.9} {
		c, t, err := p.offer(ctx, lengths, share*most)
		if err != nil {
			return part, err
		}
		each, padded := float64(c.texts)/float64(c.batches), float64(c.padded)/float64(c.own)
		first := firstCome(lengths, max(1, int(each+0.5)))
		size.Lines[0].Points = append(size.Lines[0].Points, [2]float64{100 * share, each})
		waste.Lines[0].Points = append(waste.Lines[0].Points, [2]float64{100 * share, padded})
		waste.Lines[1].Points = append(waste.Lines[1].Points, [2]float64{100 * share, first})
		table.Rows = append(table.Rows, []string{
			fmt.Sprintf("%.0f %%", 100*share), fmt.Sprintf("%.0f", share*most), figures.Number(each), figures.Number(padded), figures.Number(first),
			figures.Number(milliseconds(t.Latency(50))), figures.Number(milliseconds(t.Latency(99))),
		})
		if share == 0.8 {
			f := figures.Of("padded over own tokens at 80 % (pretended card)", "", padded)
			f.Most = figures.AtMost(1.6)
			part.Figures = append(part.Figures, f)
		}
	}
	part.Tables, part.Plots = []figures.Table{served, table}, []figures.Plot{size, waste}
	return part, nil
}

// offer sends texts of these lengths through the batcher at a rate.
func (p *proof) offer(ctx context.Context, lengths []int, rate float64) (*card, *load.Tally, error) {
	c := &card{}
	b, err := c.batcher()
	if err != nil {
		return nil, nil, err
	}
	defer b.Shutdown(context.WithoutCancel(ctx)) //nolint:errcheck // every call has its answer
	ids := make([]int32, longest)
	all := make([]string, len(lengths))
	for i, n := range lengths {
		all[i] = strconv.Itoa(n)
	}
	t := load.Open{Texts: all, Rate: rate, Call: func(ctx context.Context, length string) load.Outcome {
		n, _ := strconv.Atoi(length)
		if _, err := b.DoAll(ctx, []inference.Encoding{{IDs: ids[:n]}}); err != nil {
			return load.Refused
		}
		return load.Judged
	}}.Run(ctx, p.Time)
	return c, t, ctx.Err()
}

// firstCome is the padding of batches of n in the order of arrival.
func firstCome(lengths []int, n int) float64 {
	own, padded := 0, 0
	for ; len(lengths) >= n; lengths = lengths[n:] {
		longest := 0
		for _, l := range lengths[:n] {
			own, longest = own+l, max(longest, l)
		}
		padded += n * longest
	}
	return float64(padded) / float64(own)
}

func mean(lengths []int) float64 {
	sum := 0
	for _, n := range lengths {
		sum += n
	}
	return float64(sum) / float64(len(lengths))
}

// servedPadding is what the service counts of its own batches on the CPU.
func (p *proof) servedPadding(ctx context.Context) (figures.Table, error) {
	table := figures.Table{Title: "The service on this CPU, kept busy", Columns: []string{"texts", "windows", "windows in a batch", "tokens", "padded over own tokens", "tokens a second"}}
	s, err := p.serve(ctx, "", p.Binary)
	if err != nil {
		return table, err
	}
	defer s.Stop() //nolint:errcheck // it was measured
	t, _, c, err := s.spent(ctx, func() *load.Tally { return load.Closed{Call: s.unary(), Texts: p.mix, Calls: s.busy()}.Once(ctx) })
	if err != nil {
		return table, err
	}
	windows, tokens := c["portcullis_batch_items_total"], c["portcullis_batch_tokens_total"]
	table.Rows = [][]string{{
		fmt.Sprint(t.Sent()), fmt.Sprintf("%.0f", windows), figures.Number(windows / c["portcullis_batch_size_count"]), fmt.Sprintf("%.0f", tokens),
		figures.Number(c["portcullis_batch_cost_total"] / tokens), fmt.Sprintf("%.0f", tokens/t.Elapsed.Seconds()),
	}}
	return table, allJudged(t)
}
