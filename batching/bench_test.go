package batching

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// null is an executor that costs nothing: what is measured is the batcher.
func null(b *testing.B, maxItems int) *Batcher[row, int] {
	out := make([]int, maxItems)
	e := executor(func(_ context.Context, rows []row) ([]int, error) { return out[:len(rows)], nil })
	e.InFlight, e.MaxItems, e.MaxCost = 2, maxItems, 8192
	batcher, err := New(Config{MaxQueueCost: 1 << 20}, sizeOf, []Executor[row, int]{e})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { shutdown(b, batcher) })
	return batcher
}

// BenchmarkLone is a call alone: the way there and back.
func BenchmarkLone(b *testing.B) {
	for _, n := range []int{1, 8, 300} {
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			batcher, rows := null(b, 128), rows(0, n, 40)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := batcher.DoAll(context.Background(), rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBusy is many callers at once, so that batches gather.
func BenchmarkBusy(b *testing.B) {
	for _, n := range []int{1, 32, 128} {
		b.Run(fmt.Sprintf("batch=%d", n), func(b *testing.B) {
			batcher := null(b, n)
			b.ReportAllocs()
			b.SetParallelism(256)
			b.RunParallel(func(pb *testing.PB) {
				rows := []row{{1, 1 + rand.IntN(400)}}
				for pb.Next() {
					if _, err := batcher.DoAll(context.Background(), rows); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkRefused is what a call costs that the queue has no room for.
func BenchmarkRefused(b *testing.B) {
	cfg := Config{MaxQueueCost: 1}
	batcher, err := New(cfg, sizeOf, []Executor[row, int]{executor(until)})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go batcher.DoAll(ctx, rows(0, 1, 1))
	for batcher.Stats().Executors[0].Busy == 0 {
		runtime.Gosched()
	}
	go batcher.DoAll(ctx, rows(1, 1, 1))
	for batcher.Stats().QueuedItems == 0 {
		runtime.Gosched()
	}
	rows := rows(0, 1, 40)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := batcher.DoAll(ctx, rows); err == nil {
			b.Fatal("admitted")
		}
	}
	cancel()
	shutdown(b, batcher)
}

// BenchmarkPull is one pull from a full window of real lengths, and reports how
// much of the batches was padding.
func BenchmarkPull(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	q := newQueue[string](1 << 16)
	add := func() { enqueue(&q, "", Flow{}, length(rng)) }
	for range 2 * windowSize {
		add()
	}
	l := limits{maxItems: 32, maxCost: 4096, cost: Padded(0)}
	var batch []picked[string]
	var items, size, padded, pulls int
	for b.Loop() {
		batch = q.pull(l, batch[:0])
		longest := 0
		for _, p := range batch {
			size, longest = size+p.size, max(longest, p.size)
			add()
		}
		items, padded, pulls = items+len(batch), padded+longest*len(batch), pulls+1
	}
	b.ReportMetric(float64(items)/float64(pulls), "items/batch")
	b.ReportMetric(float64(padded)/float64(size), "padding")
}

// BenchmarkPullLongCall pulls a long call item by item, as a CPU does. The time
// of an item must not grow with the call.
func BenchmarkPullLongCall(b *testing.B) {
	for _, n := range []int{200, 2_000, 20_000} {
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			sizes := slices.Repeat([]int{512}, n)
			var batch []picked[string]
			for b.Loop() {
				q := newQueue[string](1 << 16)
				enqueue(&q, "", Flow{}, sizes...)
				for q.items > 0 {
					batch = q.pull(one, batch[:0])
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/item")
		})
	}
}

// length is lognormal as texts are: median 40, p99 about 400, cut at 512.
func length(rng *rand.Rand) int {
	return int(min(512, max(1, math.Exp(math.Log(40)+0.99*rng.NormFloat64()))))
}
