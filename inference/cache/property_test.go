package cache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/cache"
)

type callerKey struct{}

// ownError is a failure of the run that a caller led to.
type ownError struct{ caller any }

func (e ownError) Error() string { return fmt.Sprintf("the run of caller %v failed", e.caller) }

// world is callers who ask for few windows, in several flows, with deadlines, of a
// runner that is slow and fails.
type world struct {
	cache   *cache.Cache
	run     inference.Runner
	running atomic.Int64
	asked   atomic.Uint64 // windows
}

func newWorld(maxBytes int) *world {
	w := &world{cache: cache.New(cache.Config{Enabled: true, MaxBytes: maxBytes}, flowOf)}
	w.run = w.cache.Around(w.model)
	return w
}

func (w *world) model(ctx context.Context, windows []inference.Encoding) ([][]float32, error) {
	w.running.Add(1)
	defer w.running.Add(-1)
	rows, fails := make([][]float32, len(windows)), rand.IntN(5) == 0
	for i, window := range windows {
		if err := pause(ctx, time.Duration(rand.IntN(3))*time.Millisecond); err != nil {
			return rows, err
		}
		if fails && rand.IntN(len(windows)) == 0 {
			return rows, ownError{ctx.Value(callerKey{})}
		}
		rows[i] = model.Row(window.IDs)
	}
	return rows, nil
}

// pause waits for a while, or none. A timer that is due when it is looked at would be
// run there and then: two goroutines of a bubble that did so at once would share one
// context of the race detector, which crashes of it (Go 1.26, runtime.unlockAndRun).
func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// caller asks n times, and says of what it gets whether it could have been got
// without a cache.
func (w *world) caller(ctx context.Context, n, vocabulary int) error {
	for range n {
		text := make([]inference.Encoding, rand.IntN(7))
		for i := range text {
			text[i] = window(int32(rand.IntN(vocabulary)), 2+rand.IntN(3))
		}
		w.asked.Add(uint64(len(text)))
		me, deadline := new(int), time.Duration(rand.IntN(20))*time.Millisecond
		mine := context.WithValue(in(ctx, fmt.Sprint(rand.IntN(3))), callerKey{}, me)
		mine, cancel := context.WithTimeout(mine, deadline)
		rows, err := w.run(mine, text)
		late := mine.Err()
		cancel()
		if err := plausible(text, rows, err, late, me); err != nil {
			return err
		}
		if rand.IntN(100) == 0 {
			w.cache.Forget()
		}
	}
	return nil
}

func plausible(text []inference.Encoding, rows [][]float32, err, late error, me *int) error {
	var own ownError
	switch {
	case len(rows) != len(text):
		return fmt.Errorf("%d rows for %d windows", len(rows), len(text))
	case errors.As(err, &own) && own.caller != me:
		return errors.New("the failure of another")
	case err != nil && own.caller == nil && (late == nil || !errors.Is(err, late)):
		return fmt.Errorf("error %w from nowhere", err)
	}
	for i, row := range rows {
		if row == nil && err == nil {
			return errors.New("a row is missing without an error")
		}
		if row != nil && !slices.Equal(row, model.Row(text[i].IDs)) {
			return errors.New("the row of another window")
		}
	}
	return nil
}

// TestACacheChangesNothing: whatever is asked, given up and failed at the same time,
// every answer is one that there could have been without a cache, and nothing runs
// when all have theirs.
func TestACacheChangesNothing(t *testing.T) {
	for name, vocabulary := range map[string]int{"few windows": 10, "more than there is room for": 3000} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const callers = 24
				w, wrong := newWorld(64<<10), make(chan error, callers)
				var all sync.WaitGroup
				for range callers {
					all.Go(func() { wrong <- w.caller(t.Context(), 200, vocabulary) })
				}
				all.Wait()
				if n := w.running.Load(); n != 0 {
					t.Errorf("%d runs go on though every call has returned", n)
				}
				for range callers {
					if err := <-wrong; err != nil {
						t.Error(err)
					}
				}
				w.checkStats(t, vocabulary)
			})
		})
	}
}

func (w *world) checkStats(t *testing.T, vocabulary int) {
	t.Helper()
	s := w.cache.Stats()
	t.Logf("%d windows asked for: %+v", w.asked.Load(), s)
	if s.Bytes > 64<<10 {
		t.Errorf("%d bytes held, more than allowed", s.Bytes)
	}
	if s.Hits == 0 || s.Joined == 0 || s.Misses == 0 || s.Hits+s.Misses > w.asked.Load()+s.Joined {
		t.Errorf("stats %+v for %d windows", s, w.asked.Load())
	}
	if evicts := vocabulary > 1000; evicts != (s.Evictions > 0) {
		t.Errorf("%d evictions", s.Evictions)
	}
}
