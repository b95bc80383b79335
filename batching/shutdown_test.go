package batching

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestShutdownDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor(after(time.Second))
		e.MaxItems = 1
		b := newBatcher(t, nil, e)
		admitted := submit(context.Background(), b, rows(1, 5, 40)...)
		done := make(chan error, 2)
		for range 2 {
			go func() { done <- b.Shutdown(context.Background()) }()
		}
		synctest.Wait()
		if r := <-submit(context.Background(), b, row{9, 40}); !errors.Is(r.err, ErrClosed) {
			t.Errorf("a new call got %v", r.err)
		}
		r := <-admitted
		check(t, rows(1, 5, 40), r.out)
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		shutdown(t, b)
		if out, err := b.DoAll(context.Background(), nil); err != nil || len(out) != 0 {
			t.Errorf("nothing, after: %v, %v", out, err)
		}
	})
}

// TestShutdownCuts: when its time is up, whoever waits or runs gets ErrClosed.
func TestShutdownCuts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor(until)
		e.MaxItems = 1
		b := newBatcher(t, nil, e)
		runs := submit(context.Background(), b, row{1, 40})
		waits := submit(context.Background(), b, row{2, 40})
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := b.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		for _, c := range []<-chan reply{runs, waits} {
			if r := <-c; !errors.Is(r.err, ErrClosed) || r.at != time.Second {
				t.Errorf("%+v", r)
			}
		}
		shutdown(t, b)
	})
}

// TestShutdownHangs: a Run that ignores its context is reported, not waited for.
func TestShutdownHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, other := executor(after(time.Minute)), executor(run)
		e.Name = "hangs"
		b := newBatcher(t, nil, e, other)
		synctest.Wait() // until both are idle, so that the first is first
		call := submit(context.Background(), b, row{1, 40})
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := b.Shutdown(ctx)
		if !errors.Is(err, ErrStillRunning) || !strings.HasSuffix(err.Error(), ": hangs") {
			t.Errorf("Shutdown: %v", err)
		}
		if r := <-call; !errors.Is(r.err, ErrClosed) || r.at != time.Second {
			t.Errorf("%+v", r)
		}
		shutdown(t, b) // when Run has returned there is an end
	})
}

// TestShutdownOfTheRetired: a self-test between two tries does not hold it up.
func TestShutdownOfTheRetired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d device
		d.broken.Store(true)
		b := newBatcher(t, nil, d.executor())
		submit(context.Background(), b, row{1, 40})
		time.Sleep(time.Minute)
		start := time.Now()
		shutdown(t, b)
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
}
