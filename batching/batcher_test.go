package batching

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestNewRefuses(t *testing.T) {
	good := executor(run)
	with := func(change func(*Executor[row, int])) []Executor[row, int] {
		e := good
		change(&e)
		return []Executor[row, int]{e}
	}
	tests := []struct {
		want  string
		cfg   Config
		size  func(row) int
		execs []Executor[row, int]
	}{
		{"max_queue_cost", Config{}, sizeOf, []Executor[row, int]{good}},
		{"no size", DefaultConfig(), nil, []Executor[row, int]{good}},
		{"no executors", DefaultConfig(), sizeOf, nil},
		{`two executors are named "x"`, DefaultConfig(), sizeOf, []Executor[row, int]{good, good}},
		{"has no name", DefaultConfig(), sizeOf, with(func(e *Executor[row, int]) { e.Name = "" })},
		{`"x": InFlight`, DefaultConfig(), sizeOf, with(func(e *Executor[row, int]) { e.InFlight = 0 })},
		{`"x": MaxItems`, DefaultConfig(), sizeOf, with(func(e *Executor[row, int]) { e.MaxItems = 0 })},
		{`"x": MaxCost`, DefaultConfig(), sizeOf, with(func(e *Executor[row, int]) { e.MaxCost = -1 })},
		{`"x": has no Cost`, DefaultConfig(), sizeOf, with(func(e *Executor[row, int]) { e.Cost = nil })},
		{`"x": has no Run`, DefaultConfig(), sizeOf, with(func(e *Executor[row, int]) { e.Run = nil })},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			_, err := New(test.cfg, test.size, test.execs)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v does not say %q", err, test.want)
			}
		})
	}
}

func TestDoAll(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		rows []row
		run  func(context.Context, []row) ([]int, error)
		want string // part of the error
	}{
		{name: "nothing", run: run},
		{name: "one", rows: rows(1, 1, 40), run: run},
		{name: "many", rows: rows(1, 300, 40), run: run},
		{name: "sizes below one", rows: []row{{1, 0}, {2, -5}}, run: run},
		{"error", rows(1, 2, 40), func(context.Context, []row) ([]int, error) { return nil, broken }, `executor "x": broken`},
		{"panic", rows(1, 2, 40), func(context.Context, []row) ([]int, error) { panic("a secret text") }, `executor "x": panic of type string`},
		{"too few", rows(1, 2, 40), func(context.Context, []row) ([]int, error) { return []int{1}, nil }, "wrong number of results: 1 for 2 items"},
		{"too many", rows(1, 2, 40), func(context.Context, []row) ([]int, error) { return []int{1, 2, 3}, nil }, "wrong number of results: 3 for 2 items"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBatcher(t, nil, executor(test.run))
			defer shutdown(t, b)
			for range 2 { // an error must not outlive its batch
				out, err := b.DoAll(context.Background(), test.rows)
				if test.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					check(t, test.rows, out)
					continue
				}
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v does not say %q", err, test.want)
				}
				if len(out) != len(test.rows) {
					t.Errorf("%d results for %d rows", len(out), len(test.rows))
				}
			}
			if s := b.Stats(); s.Calls != 0 || s.QueuedItems != 0 || s.QueuedCost != 0 {
				t.Errorf("left over: %+v", s)
			}
		})
	}
}

// TestPartial: a call whose time is up still gets what has finished.
func TestPartial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor(after(time.Second))
		e.MaxItems = 2
		b := newBatcher(t, nil, e)
		cause := errors.New("the check may take no longer")
		ctx, cancel := context.WithTimeoutCause(context.Background(), 2500*time.Millisecond, cause)
		defer cancel()
		out, err := b.DoAll(ctx, rows(1, 6, 40))
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, cause) {
			t.Errorf("error %v hides why the context ended", err)
		}
		check(t, rows(1, 4, 40), out[:4])
		if out[4] != 0 || out[5] != 0 {
			t.Errorf("unfinished rows have results: %v", out[4:])
		}
		shutdown(t, b)
	})
}

func TestAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := New(Config{MaxQueueCost: 100}, sizeOf, []Executor[row, int]{executor(after(time.Second))})
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		running := submit(ctx, b, row{1, 10}) // at once in the executor, so it queues nothing
		first := submit(ctx, b, row{2, 50})
		second := submit(ctx, b, row{2, 50}) // fills the queue
		refused := <-submit(ctx, b, row{3, 1}, row{4, 1})
		if !errors.Is(refused.err, ErrOverloaded) || refused.at != 0 || len(refused.out) != 2 {
			t.Errorf("the queue is full: %+v", refused)
		}
		if got := b.Stats().QueuedCost; got != 100 {
			t.Errorf("a refused call changed the queue: cost %d", got)
		}
		for _, c := range []<-chan reply{running, first, second} {
			if r := <-c; r.err != nil {
				t.Error(r.err)
			}
		}
		shutdown(t, b)
	})
}

// TestCrowd: a caller alone fills four fifths of the queue; another finds room, and
// both have as much when they go on.
func TestCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := New(Config{MaxQueueCost: 1000}, sizeOf, []Executor[row, int]{executor(until)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		submit(ctx, b, row{0, 1}) // runs
		fill := func(key string) (n int) {
			for !answered(submit(WithFlow(ctx, Flow{Key: key}), b, row{1, 4})) {
				n += 4
			}
			return n
		}
		if n := fill("first"); n != 800 {
			t.Errorf("alone: %d", n)
		}
		if n := fill("second"); n != 160 {
			t.Errorf("beside one that was there: %d", n)
		}
		if n := fill("first"); n != 0 {
			t.Errorf("again: %d", n)
		}
		cancel()
		synctest.Wait()
		shutdown(t, b)
	})
}

// TestRetryAfter: after 100 units a second were measured, 300 queued take three.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := New(Config{MaxQueueCost: 300}, sizeOf, []Executor[row, int]{executor(after(time.Second))})
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		<-submit(ctx, b, row{1, 100})
		submit(ctx, b, row{2, 100})
		submit(ctx, b, row{3, 150})
		submit(ctx, b, row{3, 150})
		var overloaded *OverloadedError
		if r := <-submit(ctx, b, row{4, 1}); !errors.As(r.err, &overloaded) {
			t.Fatal(r.err)
		}
		if overloaded.RetryAfter != 3*time.Second {
			t.Errorf("retry after %v", overloaded.RetryAfter)
		}
		if got := b.Stats().Drain; got != 3*time.Second {
			t.Errorf("drain %v", got)
		}
		shutdown(t, b)
	})
}
