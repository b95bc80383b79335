package batching

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errDevice = errors.New("device lost")

// device is an executor that fails, and fails its self-test, while broken. Its
// self-test takes a second.
type device struct {
	broken atomic.Bool
	tests  atomic.Int32

	mu     sync.Mutex
	health []string
}

func (d *device) executor() Executor[row, int] {
	e := executor(func(ctx context.Context, rows []row) ([]int, error) {
		if d.broken.Load() || rows[0].id < 0 {
			return nil, errDevice
		}
		return run(ctx, rows)
	})
	e.Healthy = func(context.Context) error {
		d.tests.Add(1)
		time.Sleep(time.Second)
		if d.broken.Load() {
			return errDevice
		}
		return nil
	}
	return e
}

func (d *device) option() Option {
	return WithObserver(Observer{Health: func(name string, err error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if err != nil {
			name += " retired"
		}
		d.health = append(d.health, name)
	}})
}

// TestBadItem: one bad item fails its batch alone; who waits is served as soon as
// the self-test has passed.
func TestBadItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d device
		b := newBatcher(t, []Option{d.option()}, d.executor())
		if r := <-submit(context.Background(), b, row{-1, 40}); !errors.Is(r.err, errDevice) {
			t.Errorf("the bad item's caller got %v", r.err)
		}
		if r := <-submit(context.Background(), b, row{1, 40}); r.err != nil || r.at != time.Second {
			t.Errorf("the next one: %+v", r)
		}
		if !b.Stats().Executors[0].Alive || d.health != nil {
			t.Errorf("a suspect was retired: %v", d.health)
		}
		shutdown(t, b)
	})
}

// TestRetired: with the last executor gone, those who wait and those who come
// are told at once; when it passes again, all is well.
func TestRetired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d device
		d.broken.Store(true)
		b := newBatcher(t, []Option{d.option()}, d.executor())
		submit(context.Background(), b, row{1, 40})
		if r := <-submit(context.Background(), b, row{2, 40}); !errors.Is(r.err, ErrNoExecutor) || r.at != time.Second {
			t.Errorf("who waited for the self-test: %+v", r)
		}
		if r := <-submit(context.Background(), b, row{3, 40}); !errors.Is(r.err, ErrNoExecutor) || r.at != 0 {
			t.Errorf("who came after it: %+v", r)
		}
		if b.Stats().Executors[0].Alive {
			t.Error("still alive")
		}
		time.Sleep(time.Hour)
		if n := d.tests.Load(); n < 100 || n > 140 {
			t.Errorf("%d self-tests of a second in an hour, %v apart at most", n, lastRetest)
		}
		d.broken.Store(false)
		time.Sleep(lastRetest + 2*time.Second)
		if r := <-submit(context.Background(), b, row{4, 40}); r.err != nil {
			t.Error(r.err)
		}
		if want := []string{"x retired", "x"}; !slices.Equal(d.health, want) {
			t.Errorf("told %v, want %v", d.health, want)
		}
		shutdown(t, b)
	})
}

// TestOtherServes: while one executor is out the other takes everything, also
// what the first was woken for.
func TestOtherServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d device
		d.broken.Store(true)
		first, second := d.executor(), executor(after(time.Millisecond))
		first.InFlight, second.Name = 2, "y"
		b := newBatcher(t, nil, first, second)
		synctest.Wait() // until both are idle, so that the first is first
		submit(context.Background(), b, row{1, 40})
		for i := range 50 {
			if r := <-submit(context.Background(), b, row{2 + i, 40}); r.err != nil {
				t.Error(r.err)
			}
		}
		shutdown(t, b) // also stops the self-test of an executor that stays broken
	})
}

// TestSelfTestHangs: one that ignores its context cannot make callers wait for
// longer than the limit, and one that panics has failed.
func TestSelfTestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d device
		d.broken.Store(true)
		e := d.executor()
		tests := 0
		e.Healthy = func(context.Context) error {
			if tests++; tests == 1 {
				time.Sleep(time.Minute)
				panic("at last")
			}
			d.broken.Store(false)
			return nil
		}
		b := newBatcher(t, []Option{d.option()}, e)
		submit(context.Background(), b, row{1, 40})
		if r := <-submit(context.Background(), b, row{2, 40}); !errors.Is(r.err, ErrNoExecutor) || r.at != selfTestLimit {
			t.Errorf("%+v", r)
		}
		time.Sleep(2 * time.Minute)
		if r := <-submit(context.Background(), b, row{3, 40}); r.err != nil {
			t.Error(r.err)
		}
		if want := []string{"x retired", "x"}; !slices.Equal(d.health, want) {
			t.Errorf("told %v, want %v", d.health, want)
		}
		shutdown(t, b)
	})
}

func TestPanicError(t *testing.T) {
	e := executor(func(_ context.Context, rows []row) ([]int, error) { return []int{rows[len(rows)].id}, nil })
	_, err := e.run(context.Background(), rows(1, 2, 40))
	var p *PanicError
	if !errors.As(err, &p) || !strings.Contains(err.Error(), "index out of range") || len(p.Stack) == 0 {
		t.Errorf("%v", err)
	}
}
