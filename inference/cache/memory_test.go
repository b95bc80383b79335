package cache_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/cache"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
)

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestBytesAreBytes fills caches far beyond their bound, and looks at the heap. The
// table and the sketch double at a time, so it is tried at several sizes.
func TestBytesAreBytes(t *testing.T) {
	for _, labels := range []int{1, 100} { // rows of 400 bytes take 416
		for _, limit := range []int{1 << 18, 5 << 16, 3 << 17, 7 << 16} {
			before := heap()
			c := cache.New(cache.Config{Enabled: true, MaxBytes: limit}, flowOf)
			fill(t, c.Around(inferencetest.NewFake(inferencetest.FakeConfig{Labels: labels}).Run), limit/80)
			held, s := int(heap()-before), c.Stats()
			t.Logf("%d labels, at most %d bytes: %d%% on the heap, %d counted", labels, limit, 100*held/limit, s.Bytes)
			if s.Bytes > uint64(limit) || held > limit || held < limit/2 {
				t.Errorf("%d labels: %d bytes on the heap, %d counted, want at most %d, and half of it", labels, held, s.Bytes, limit)
			}
		}
	}
}

// fill asks for so many windows, all different.
func fill(t *testing.T, run inference.Runner, count int) {
	t.Helper()
	text := make([]inference.Encoding, 256)
	for next := 0; next < count; next += len(text) {
		for i := range text {
			text[i] = window(int32(next+i), 4)
		}
		if _, err := run(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHitsAllocateTheirResultOnly(t *testing.T) {
	run := newCache().Around(inferencetest.NewFake(model).Run)
	text := []inference.Encoding{window(1, 512), window(2, 512)}
	ctx := context.Background()
	if _, err := run(ctx, text); err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(1000, func() { _, _ = run(ctx, text) })
	if n != 1 {
		t.Errorf("%v allocations, want 1", n)
	}
}
