package batching

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestLeaving: a caller whose context ends returns at once, its cost is free,
// its items are never run, and its batch goes on for the others.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		b := newBatcher(t, []Option{rec.option()}, executor(after(time.Second)))
		submit(context.Background(), b, row{1, 40})
		gone := errors.New("hung up")
		ctx, cancel := context.WithCancelCause(context.Background())
		together := submit(ctx, b, row{2, 40})
		stays := submit(context.Background(), b, row{3, 40})
		time.Sleep(1500 * time.Millisecond) // 2 and 3 run
		waits := submit(ctx, b, rows(4, 3, 40)...)
		cancel(gone)
		left := []reply{<-together, <-waits}
		for _, r := range left {
			if !errors.Is(r.err, gone) || !errors.Is(r.err, context.Canceled) {
				t.Errorf("left with %v", r.err)
			}
		}
		if s := b.Stats(); s.QueuedCost != 0 || s.QueuedItems != 0 || s.Calls != 1 {
			t.Errorf("what they left behind: %+v", s)
		}
		if r := <-stays; r.err != nil || r.at != 2*time.Second {
			t.Errorf("the one who stayed: %+v", r)
		}
		if left[0].out[0] != 0 {
			t.Error("a result was written after its call had returned")
		}
		shutdown(t, b)
		if got := rec.sizes(); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("batches of %v", got)
		}
	})
}

// TestAbandoned: the context of a batch ends when the last of its callers has
// gone, and not before; the slot is then free.
func TestAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor(func(ctx context.Context, rows []row) ([]int, error) {
			if rows[0].id == 9 {
				return run(ctx, rows)
			}
			return until(ctx, rows)
		})
		e.Healthy = func(context.Context) error {
			t.Error("an executor that obeyed its context is doubted")
			return nil
		}
		b := newBatcher(t, nil, e)
		ctx1, cancel1 := context.WithCancel(context.Background())
		ctx2, cancel2 := context.WithCancel(context.Background())
		defer cancel1()
		submit(ctx1, b, row{0, 40}) // holds the slot, so that 1 and 2 share a batch
		ctx, cancel := context.WithCancel(context.Background())
		submit(ctx, b, row{1, 40})
		submit(ctx2, b, rows(2, 2, 40)...)
		cancel1()
		synctest.Wait()
		next := submit(context.Background(), b, row{9, 40})
		cancel()
		synctest.Wait()
		if len(next) != 0 {
			t.Error("the batch ended although one of its callers stays")
		}
		cancel2()
		if r := <-next; r.err != nil {
			t.Error(r.err)
		}
		shutdown(t, b)
	})
}
