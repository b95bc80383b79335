package batching

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// measured starts a batcher of one slot that takes a millisecond a unit, and has it
// measured.
func measured(t *testing.T) *Batcher[row, int] {
	t.Helper()
	b := newBatcher(t, nil, perUnit(1))
	if r := <-submit(t.Context(), b, row{1, 100}); r.err != nil {
		t.Fatal(r.err)
	}
	synctest.Wait()
	return b
}

// within submits a call that has so much time.
func within(t *testing.T, b *Batcher[row, int], limit time.Duration, rows ...row) <-chan reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return submit(ctx, b, rows...)
}

// TestEarliestFirst: what waits goes by deadline, however it came.
func TestEarliestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := measured(t)
		submit(t.Context(), b, row{2, 1000}) // runs
		never := submit(t.Context(), b, row{3, 1000})
		late := within(t, b, 20*time.Second, row{4, 1000})
		soon := within(t, b, 3*time.Second, row{5, 1000})
		for i, c := range []<-chan reply{soon, late, never} {
			if r := <-c; r.err != nil || r.at != time.Duration(i+2)*time.Second {
				t.Errorf("call %d: %+v", i, r)
			}
		}
		shutdown(t, b)
	})
}

// TestRefusedInTime: a call is refused at once that might be too late behind those
// that go before it, is told when to come again, and has its answer if it does; one
// that goes before them is admitted.
func TestRefusedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := measured(t)
		submit(t.Context(), b, row{2, 1000})
		for i := range 3 {
			within(t, b, 5*time.Second, row{3 + i, 1000})
		}
		var full *OverloadedError
		if r := <-within(t, b, 6*time.Second, row{9, 2000}); !errors.As(r.err, &full) || r.at != 0 {
			t.Fatalf("6 s of work in 6 s: %+v", r)
		}
		if full.RetryAfter != 1200*time.Millisecond { // 2 s, 1 s that runs, and 3 s that count 4.2

			t.Errorf("retry after %v", full.RetryAfter)
		}
		time.Sleep(full.RetryAfter)
		again := within(t, b, 6200*time.Millisecond, row{9, 2000})
		if first := <-within(t, b, 2*time.Second, row{10, 100}); first.err != nil {
			t.Errorf("one that goes before all: %+v", first)
		}
		if r := <-again; r.err != nil {
			t.Errorf("when it came again: %+v", r)
		}
		shutdown(t, b)
	})
}

// TestIdleRefusesNothing: whatever was measured, a call that need not wait is run, and
// has what there is of it when its time is up.
func TestIdleRefusesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := measured(t)
		r := <-within(t, b, 250*time.Millisecond, rows(2, 5, 100)...)
		if !errors.Is(r.err, context.DeadlineExceeded) || errors.Is(r.err, ErrTooLate) || r.at != 250*time.Millisecond {
			t.Errorf("%+v", r)
		}
		check(t, rows(2, 2, 100), r.out[:2])
		shutdown(t, b)
	})
}

// TestGivenUp: a call that was admitted and cannot be done any more, since the executor
// has turned slower, is given up before its deadline and before more of it is run.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		var slower atomic.Int32
		slower.Store(1)
		e := perUnit(1)
		e.Run = func(ctx context.Context, rows []row) ([]int, error) {
			time.Sleep(time.Duration(int(slower.Load())*rows[0].size) * time.Millisecond)
			return run(ctx, rows)
		}
		b := newBatcher(t, []Option{rec.option()}, e)
		<-submit(t.Context(), b, row{1, 100})
		first := within(t, b, 60*time.Second, row{2, 1000})
		hopeless := within(t, b, 3200*time.Millisecond, rows(3, 3, 500)...)
		other := within(t, b, 60*time.Second, row{9, 100})
		slower.Store(3) // from the next batch on
		if r := <-hopeless; !errors.Is(r.err, ErrTooLate) || r.at != 2500*time.Millisecond {
			t.Errorf("%+v", r)
		} else {
			check(t, rows(3, 1, 500), r.out[:1])
		}
		for _, c := range []<-chan reply{first, other} {
			if r := <-c; r.err != nil {
				t.Error(r.err)
			}
		}
		shutdown(t, b)
		if len(rec.batches) != 4 {
			t.Errorf("%d batches: what was given up was run", len(rec.batches))
		}
	})
}

// TestSlowBatch: one batch that was held up hardly changes what is expected of the
// next, and an executor that has turned slower for good is soon known.
func TestSlowBatch(t *testing.T) {
	var s speed
	for range 20 {
		s.measure(100, 100*time.Millisecond)
	}
	s.measure(1, time.Hour)
	if now := s.perUnit(); now > 1.1e6 {
		t.Errorf("after an hour for one unit: %v ns a unit", now)
	}
	s.measure(100, time.Hour)
	if now := s.perUnit(); now > 1.6e6 {
		t.Errorf("after an hour for a batch: %v ns a unit", now)
	}
	for range 40 {
		s.measure(100, time.Second)
	}
	if now := s.perUnit(); now < 9e6 || now > 11e6 {
		t.Errorf("ten times slower for good: %v ns a unit", now)
	}
}
