package inferencetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
)

// The part of the suite about calls that meet each other, the end of their
// context or the end of the backend.

func checkConcurrent(t *testing.T, h Harness) {
	batch := h.windows(8)
	want := h.run(t, batch)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 20 {
				from := (i + n) % len(batch)
				rows, err := h.Backend.Run(t.Context(), batch[from:])
				if err != nil {
					t.Error(err)
					return
				}
				for j, row := range rows {
					if !h.equal(row, want[from+j]) {
						t.Errorf("window %d: %v, alone %v", from+j, row, want[from+j])
					}
				}
			}
		})
	}
	wg.Wait()
}

func checkCancelled(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Backend.Run(ctx, h.windows(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	h.run(t, h.windows(2)) // and the next call is not hit by it
}

func checkInterrupted(t *testing.T, h Harness) {
	if h.Slow == nil {
		t.Skip("the harness has no slow model")
	}
	t.Cleanup(func() {
		if err := h.Slow.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	window := []inference.Encoding{{IDs: []int32{1, 2, 3, 4, 5, 6, 7, 1}}}
	for range 2 { // the second call may reuse what the first was stopped with
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		start := time.Now()
		_, err := h.Slow.Run(ctx, window)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v, want context.DeadlineExceeded", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %v to notice a deadline of 20ms", took)
		}
	}
}

func checkClosed(t *testing.T, h Harness) {
	for range 2 { // a second close is harmless
		if err := h.Backend.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if rows, err := h.Backend.Run(t.Context(), h.windows(1)); err == nil {
		t.Errorf("rows %v after Close", rows)
	}
}

// checkCloseRunning closes under load: calls either work or fail, none crashes.
func checkCloseRunning(t *testing.T, h Harness) {
	batch := h.windows(4)
	want := h.run(t, batch)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				rows, err := h.Backend.Run(t.Context(), batch)
				if err != nil {
					return
				}
				if !h.equal(rows[0], want[0]) {
					t.Errorf("row %v, want %v", rows[0], want[0])
				}
			}
		})
	}
	time.Sleep(2 * time.Millisecond)
	if err := h.Backend.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	wg.Wait()
}
