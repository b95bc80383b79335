package cache_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/cache"
)

// lengths are of windows in tokens: a short text, a usual one, the longest.
var lengths = []int{10, 40, 512}

func zeroRow(_ context.Context, windows []inference.Encoding) ([][]float32, error) {
	return make([][]float32, len(windows)), nil
}

// BenchmarkHit is what a window costs that is known.
func BenchmarkHit(b *testing.B) {
	for _, n := range lengths {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			run := newCache().Around(func(context.Context, []inference.Encoding) ([][]float32, error) {
				return [][]float32{{1, 2, 3, 4}}, nil
			})
			text := []inference.Encoding{window(1, n)}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = run(b.Context(), text)
			}
		})
	}
}

// BenchmarkMiss is what the cache adds to a window that is not: the run costs nothing
// and gives nothing to remember.
func BenchmarkMiss(b *testing.B) {
	for _, n := range lengths {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			run := newCache().Around(zeroRow)
			text := []inference.Encoding{window(1, n)}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = run(b.Context(), text)
			}
		})
	}
}

// BenchmarkFill is a miss that is remembered, in a cache that is full.
func BenchmarkFill(b *testing.B) {
	c := cache.New(cache.Config{Enabled: true, MaxBytes: 1 << 20}, flowOf)
	run := c.Around(func(context.Context, []inference.Encoding) ([][]float32, error) {
		return [][]float32{{1, 2, 3, 4}}, nil
	})
	text, id := []inference.Encoding{window(0, 40)}, int32(0)
	b.ReportAllocs()
	for b.Loop() {
		id++
		text[0].IDs[39] = id
		_, _ = run(b.Context(), text)
	}
}
