package batching

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// watched is the executor of d, tested once a minute.
func (d *device) watched(name string) Executor[row, int] {
	e := d.executor()
	e.Name, e.TestEvery = name, time.Minute
	return e
}

// silent is a device that answers wrongly without an error: only its self-test
// can tell.
type silent struct {
	device
	wrong atomic.Bool
}

func (d *silent) watched() Executor[row, int] {
	e := d.device.watched("x")
	e.Healthy = func(context.Context) error {
		d.tests.Add(1)
		time.Sleep(time.Second)
		if d.wrong.Load() {
			return errDevice
		}
		return nil
	}
	return e
}

// TestWrongAnswersAreFound: a device that answers, but wrongly, is retired by the
// next test and is back with the first that it passes.
func TestWrongAnswersAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d silent
		b := newBatcher(t, []Option{d.option()}, d.watched())
		time.Sleep(10*time.Minute + 30*time.Second)
		if n := d.tests.Load(); n != 10 || d.health != nil {
			t.Errorf("%d tests in ten minutes, told %v", n, d.health)
		}
		d.wrong.Store(true)
		time.Sleep(time.Minute)
		if r := <-submit(context.Background(), b, row{1, 40}); !errors.Is(r.err, ErrNoExecutor) {
			t.Errorf("a call to a device that answers wrongly: %+v", r)
		}
		d.wrong.Store(false)
		time.Sleep(lastRetest + 2*time.Second)
		if r := <-submit(context.Background(), b, row{2, 40}); r.err != nil {
			t.Error(r.err)
		}
		if want := []string{"x retired", "x"}; !slices.Equal(d.health, want) {
			t.Errorf("told %v, want %v", d.health, want)
		}
		shutdown(t, b)
	})
}

// TestRetiredWhileItRan: what a device computes while its test finds it wrong is
// nobody's answer, even if it passes again before the batch ends.
func TestRetiredWhileItRan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d silent
		d.wrong.Store(true)
		e := d.watched()
		e.Run = after(5 * time.Second)
		b := newBatcher(t, []Option{d.option()}, e)
		time.Sleep(time.Minute - time.Second)
		runs := submit(context.Background(), b, row{1, 40})
		time.Sleep(2*time.Second + firstRetest/2)
		d.wrong.Store(false)
		if r := <-runs; !errors.Is(r.err, errRetired) || r.out[0] != 0 {
			t.Errorf("%+v", r)
		}
		synctest.Wait()
		if want := []string{"x retired", "x"}; !slices.Equal(d.health, want) {
			t.Errorf("told %v, want %v", d.health, want)
		}
		if r := <-submit(context.Background(), b, row{2, 40}); r.err != nil {
			t.Error(r.err)
		}
		shutdown(t, b)
	})
}

// TestTestDelaysNobody: a call that comes during a test does not wait for it.
func TestTestDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d device
		b := newBatcher(t, nil, d.watched("x"))
		time.Sleep(time.Minute + time.Millisecond)
		if d.tests.Load() != 1 {
			t.Fatal("no test is running")
		}
		if r := <-submit(context.Background(), b, row{1, 40}); r.err != nil || r.at != 0 {
			t.Errorf("%+v", r)
		}
		shutdown(t, b) // which ends a test that is running
	})
}

// TestTestsTakeTurns: of several devices one at a time is tested.
func TestTestsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		healthy := func(context.Context) error {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Second)
			running.Add(-1)
			return nil
		}
		var d device
		execs := []Executor[row, int]{d.watched("x"), d.watched("y"), d.watched("z")}
		for i := range execs {
			execs[i].Healthy = healthy
		}
		b := newBatcher(t, nil, execs...)
		time.Sleep(10 * time.Minute)
		if most.Load() != 1 {
			t.Errorf("%d devices were tested at a time", most.Load())
		}
		shutdown(t, b)
	})
}

// TestHangsInItsTest: a device that hangs is retired when the limit is over, and
// what waits for it is told; the test that fails and the batch that fails at the
// same time retire it once.
func TestHangsInItsTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d device
		e := d.watched("x")
		stuck := make(chan struct{})
		e.Healthy = func(context.Context) error { <-stuck; return nil }
		e.Run = func(ctx context.Context, rows []row) ([]int, error) {
			if rows[0].id < 0 {
				return until(ctx, rows)
			}
			return run(ctx, rows)
		}
		b := newBatcher(t, []Option{d.option()}, e)
		ctx, cancel := context.WithCancel(context.Background())
		runs := submit(ctx, b, row{-1, 40})
		time.Sleep(time.Minute)
		waits := submit(context.Background(), b, row{2, 40})
		if r := <-waits; !errors.Is(r.err, ErrNoExecutor) || r.at != selfTestLimit {
			t.Errorf("who waited for the device: %+v", r)
		}
		cancel()
		<-runs
		close(stuck)
		time.Sleep(time.Second)
		if r := <-submit(context.Background(), b, row{3, 40}); r.err != nil {
			t.Error(r.err)
		}
		if want := []string{"x retired", "x"}; !slices.Equal(d.health, want) {
			t.Errorf("told %v, want %v", d.health, want)
		}
		shutdown(t, b)
	})
}

// TestLongTest: a test that is known to take long is given the time.
func TestLongTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d device
		e := d.watched("x")
		e.TestLimit = 20 * time.Second
		e.Healthy = func(ctx context.Context) error {
			select {
			case <-time.After(15 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		b := newBatcher(t, []Option{d.option()}, e)
		time.Sleep(10 * time.Minute)
		if d.health != nil {
			t.Errorf("told %v", d.health)
		}
		shutdown(t, b)
	})
}

// TestBackFromItsTest: what waited for another executor wakes one that is back.
func TestBackFromItsTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d silent
		d.wrong.Store(true)
		slow := executor(after(time.Hour))
		slow.Name, slow.MaxItems = "slow", 1
		b := newBatcher(t, nil, d.watched(), slow)
		time.Sleep(time.Minute)
		submit(context.Background(), b, row{1, 40})
		waits := submit(context.Background(), b, row{2, 40})
		d.wrong.Store(false)
		if r := <-waits; r.err != nil || r.at > 2*lastRetest {
			t.Errorf("%+v", r)
		}
		shutdown(t, b)
	})
}

// TestSlowIsNotRetiredAgain: a device that answers rightly, and ever more slowly as its
// machine gets busy, is not retired, however often it is tested; one that became slow at
// once is retired once.
func TestSlowIsNotRetiredAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		takes func(test int) time.Duration
		want  []string
	}{
		"little by little": {func(test int) time.Duration { return min(time.Duration(test)*time.Second, 30*time.Second) }, nil},
		"at once": {func(test int) time.Duration {
			if test > 3 {
				return 18 * time.Second
			}
			return time.Second
		}, []string{"x retired", "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d device
				e := d.watched("x")
				e.Healthy = func(ctx context.Context) error {
					select {
					case <-time.After(tt.takes(int(d.tests.Add(1)))):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				b := newBatcher(t, []Option{d.option()}, e)
				time.Sleep(2 * time.Hour)
				shutdown(t, b)
				if !slices.Equal(d.health, tt.want) {
					t.Errorf("told %v, want %v", d.health, tt.want)
				}
			})
		})
	}
}
