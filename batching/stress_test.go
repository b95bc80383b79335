package batching

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fickle does what executors must not: it fails, panics, miscounts and hangs
// until its context ends, or for a while whatever its context says.
func fickle(ctx context.Context, rows []row) ([]int, error) {
	switch rand.IntN(60) {
	case 0:
		return nil, errDevice
	case 1:
		panic("fickle")
	case 2:
		return make([]int, len(rows)+1), nil
	case 3:
		return until(ctx, rows)
	case 4:
		time.Sleep(time.Duration(rand.IntN(300)) * time.Microsecond)
	case 5:
		time.Sleep(8 * time.Millisecond)
	}
	return run(ctx, rows)
}

// TestStress throws all of it together, on real time: random calls, flows and
// cancels against fickle executors, and a shutdown in the midst of a full queue.
// Every call gets one answer, each result is of its own item, every error is one
// that may be, and nothing is left running (goleak, and Shutdown's result).
func TestStress(t *testing.T) {
	for range 6 {
		stressOnce(t)
	}
}

func stressOnce(t *testing.T) {
	packed, padded, lone := executor(fickle), executor(fickle), executor(fickle)
	lone.Name, lone.Alone, lone.MaxItems = "lone", true, 1
	packed.Name, packed.InFlight, packed.MaxItems = "packed", 2, 16
	padded.Name, padded.InFlight, padded.MaxCost, padded.Cost = "padded", 3, 512, Padded(0)
	padded.Healthy = func(context.Context) error {
		if rand.IntN(2) == 0 {
			return errDevice
		}
		return nil
	}
	padded.TestEvery = time.Millisecond
	b, err := New(Config{MaxQueueCost: 4000}, sizeOf, []Executor[row, int]{lone, packed, padded})
	if err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	var answered, refused, failed atomic.Int64
	for caller := range 64 {
		callers.Go(func() {
			for i := 0; ; i++ {
				switch err := stressCall(t, b, 1_000_000*caller+100*i); {
				case err == nil:
					answered.Add(1)
				case errors.Is(err, ErrOverloaded):
					refused.Add(1)
					time.Sleep(time.Millisecond)
				case errors.Is(err, ErrClosed):
					return
				default:
					failed.Add(1)
				}
			}
		})
	}
	time.Sleep(150 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := b.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v", err)
	}
	callers.Wait()
	if s := b.Stats(); s.Calls != 0 || s.QueuedItems != 0 || s.QueuedCost != 0 {
		t.Errorf("left over: %+v", s)
	}
	if answered.Load() == 0 || refused.Load() == 0 || failed.Load() == 0 {
		t.Error("the load proves nothing")
	}
	t.Logf("%d answered, %d refused, %d failed", answered.Load(), refused.Load(), failed.Load())
}

// stressCall makes one call and checks all that holds of any answer.
func stressCall(t *testing.T, b *Batcher[row, int], id int) error {
	n := 1 + rand.IntN(4)
	if rand.IntN(20) == 0 {
		n = 60
	}
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{id + i, rand.IntN(200)}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(5000))*time.Microsecond)
	defer cancel()
	ctx = WithFlow(ctx, Flow{Key: []string{"", "k", "l", fmt.Sprint(id)}[rand.IntN(4)], Weight: rand.IntN(3), Priority: Priority(rand.IntN(2))})
	out, err := b.DoAll(ctx, rows)
	if len(out) != n {
		t.Errorf("%d results for %d rows", len(out), n)
		return err
	}
	for i, o := range out {
		if o != answerTo(rows[i]) && (err == nil || o != 0) {
			t.Errorf("row %d of %d has result %d, error %v", i, n, o, err)
		}
	}
	if err != nil && !expected(err) {
		t.Errorf("unexpected error: %v", err)
	}
	return err
}

// expected reports whether err is one that a caller of fickle executors may get.
func expected(err error) bool {
	for _, may := range []error{ErrOverloaded, ErrClosed, ErrNoExecutor, ErrResultCount, errDevice, errRetired, context.DeadlineExceeded} {
		if errors.Is(err, may) {
			return true
		}
	}
	return errors.As(err, new(*PanicError))
}
