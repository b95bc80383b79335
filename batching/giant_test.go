package batching

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// beside starts a batcher of 400 that runs an item a second, with a call of 200
// items of size 10 in it, which is five times the queue.
func beside(t *testing.T) (*Batcher[row, int], <-chan reply, context.CancelFunc) {
	t.Helper()
	e := executor(after(time.Second))
	e.MaxItems = 1
	b, err := New(Config{MaxQueueCost: 400}, sizeOf, []Executor[row, int]{e})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	return b, submit(ctx, b, rows(0, 200, 10)...), cancel
}

// TestBesideAGiant: while a giant call drains, small calls are admitted and
// answered in their turn, from its first item to its last.
func TestBesideAGiant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, giant, cancel := beside(t)
		defer cancel()
		for i := range 90 {
			if r := <-submit(t.Context(), b, row{1000 + i, 10}); r.err != nil || r.at > 3*time.Second {
				t.Fatalf("small call %d: %+v", i, r)
			}
		}
		r := <-giant
		check(t, rows(0, 200, 10), r.out)
		shutdown(t, b)
	})
}

// TestGiantLeavesHalf: a giant call takes half of the queue, and others fill the
// rest and no more.
func TestGiantLeavesHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, giant, cancel := beside(t)
		defer cancel()
		for i := range 20 {
			submit(t.Context(), b, row{1000 + i, 10})
		}
		if r := <-submit(t.Context(), b, row{2000, 1}); !errors.Is(r.err, ErrOverloaded) {
			t.Errorf("beyond the other half: %v", r.err)
		}
		<-giant
		shutdown(t, b)
	})
}

// TestOneGiant: a second one is refused while more than half a queue of the first
// waits, or memory would have no bound; not after, and not when the first leaves.
func TestOneGiant(t *testing.T) {
	ends := []struct {
		name string
		end  func(leave context.CancelFunc)
	}{
		{"drained to half", func(context.CancelFunc) { time.Sleep(180 * time.Second) }},
		{"left", func(leave context.CancelFunc) { leave(); synctest.Wait() }},
	}
	for _, test := range ends {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, _, leave := beside(t)
				defer leave()
				if r := <-submit(t.Context(), b, rows(0, 21, 10)...); !errors.Is(r.err, ErrOverloaded) {
					t.Errorf("a second giant: %v", r.err)
				}
				test.end(leave)
				if r := <-submit(t.Context(), b, rows(0, 21, 10)...); r.err != nil {
					t.Errorf("after the first: %v", r.err)
				}
				shutdown(t, b)
			})
		})
	}
}

// TestMemoryBound admits calls of all sizes, lets some leave and holds what waits
// to its bound: one giant, and of the others no more than the queue.
func TestMemoryBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		b, _, cancel := beside(t)
		leave := []context.CancelFunc{cancel}
		refused := 0
		for i := range 2_000 {
			ctx, cancel := context.WithCancel(t.Context())
			leave = append(leave, cancel)
			if answered(submit(ctx, b, rows(i, 1+rng.IntN(1+rng.IntN(60)), 1+rng.IntN(20))...)) {
				refused++
			}
			if at := rng.IntN(len(leave)); rng.IntN(2) == 0 {
				leave[at]()
			}
			time.Sleep(time.Duration(rng.IntN(3)) * time.Second)
			synctest.Wait()
			if total, largest := waitingCosts(b); total-largest > b.cfg.MaxQueueCost {
				t.Fatalf("step %d: %d wait, %d of them one call's", i, total, largest)
			}
		}
		if refused == 0 || refused == 2_000 {
			t.Errorf("%d calls were refused: the load proves nothing", refused)
		}
		for _, cancel := range leave {
			cancel()
		}
		shutdown(t, b)
	})
}

func answered(c <-chan reply) bool { return len(c) > 0 }

// waitingCosts returns what all calls have waiting, and the most that one has.
func waitingCosts(b *Batcher[row, int]) (total, largest int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.queue.classes[Interactive].flows.list {
		for _, tk := range f.of.tickets.list {
			total, largest = total+tk.of.cost, max(largest, tk.of.cost)
		}
	}
	return total, largest
}
