package batching

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// row is an item of the tests: an identity and a size.
type row struct{ id, size int }

func sizeOf(r row) int { return r.size }

// answerTo is the one right result for r. It is never the zero Out.
func answerTo(r row) int { return r.id*10 + 1 }

// run answers every row.
func run(_ context.Context, rows []row) ([]int, error) {
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = answerTo(r)
	}
	return out, nil
}

// after answers every row when d has passed.
func after(d time.Duration) func(context.Context, []row) ([]int, error) {
	return func(ctx context.Context, rows []row) ([]int, error) {
		time.Sleep(d)
		return run(ctx, rows)
	}
}

// until fails when its context ends, and not before.
func until(ctx context.Context, _ []row) ([]int, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// executor is one slot that takes anything; tests change what they are about.
func executor(run func(context.Context, []row) ([]int, error)) Executor[row, int] {
	return Executor[row, int]{Name: "x", InFlight: 1, MaxItems: 1000, MaxCost: 1 << 20, Cost: Packed(0), Run: run}
}

func newBatcher(t testing.TB, opts []Option, execs ...Executor[row, int]) *Batcher[row, int] {
	t.Helper()
	b, err := New(DefaultConfig(), sizeOf, execs, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shutdown stops b, which must have nothing that hangs.
func shutdown(t testing.TB, b *Batcher[row, int]) {
	t.Helper()
	if err := b.Shutdown(context.Background()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// reply is what DoAll returned.
type reply struct {
	out []int
	err error
	at  time.Duration // since the call
}

// submit calls DoAll on a goroutine and, in a synctest bubble, returns when it
// has gone as far as it can.
func submit(ctx context.Context, b *Batcher[row, int], rows ...row) <-chan reply {
	c := make(chan reply, 1)
	go func() {
		start := time.Now()
		out, err := b.DoAll(ctx, rows)
		c <- reply{out, err, time.Since(start)}
	}()
	synctest.Wait()
	return c
}

// rows makes n rows of a size, numbered from first.
func rows(first, n, size int) []row {
	rs := make([]row, n)
	for i := range rs {
		rs[i] = row{first + i, size}
	}
	return rs
}

// check fails unless out answers rows, each by its own.
func check(t testing.TB, rows []row, out []int) {
	t.Helper()
	if len(out) != len(rows) {
		t.Fatalf("%d results for %d rows", len(out), len(rows))
	}
	for i, r := range rows {
		if out[i] != answerTo(r) {
			t.Errorf("row %d: result %d is not of id %d", i, out[i], r.id)
		}
	}
}

// ask is DoAll on behalf of a key, with so much time.
func ask(b *Batcher[row, int], key string, limit time.Duration, rows ...row) ([]int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return b.DoAll(WithFlow(ctx, Flow{Key: key}), rows)
}
