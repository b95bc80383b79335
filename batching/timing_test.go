package batching

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimingTellsWaitingFromRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := New(DefaultConfig(), func(int) int { return 1 }, []Executor[int, int]{{
			Name: "slow", InFlight: 1, MaxItems: 1, MaxCost: 1, Cost: Padded(0),
			Run: func(_ context.Context, items []int) ([]int, error) { time.Sleep(time.Second); return items, nil },
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Shutdown(context.Background()) }()
		go func() { _, _ = b.DoAll(context.Background(), []int{1}) }()
		synctest.Wait()
		var timing Timing
		if _, err := b.DoAll(WithTiming(t.Context(), &timing), []int{2, 3}); err != nil {
			t.Fatal(err)
		}
		if want := (Timing{Queued: time.Second, Ran: 2 * time.Second}); timing != want {
			t.Errorf("%+v, want %+v", timing, want)
		}
		gone, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		go func() { _, _ = b.DoAll(context.Background(), []int{1}) }()
		synctest.Wait()
		if _, err := b.DoAll(WithTiming(gone, &timing), []int{2}); err == nil {
			t.Fatal("answered in no time")
		}
		if want := (Timing{Queued: 100 * time.Millisecond}); timing != want {
			t.Errorf("a call that never ran: %+v, want %+v", timing, want)
		}
	})
}
