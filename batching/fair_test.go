package batching

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// wait is how long a flow has not been served: what others got meanwhile, and the most
// weight that waited at a time.
type wait struct{ others, weight int }

// TestNobodyStarves holds the queue to its promise, on random calls of flows that stay
// and of ever new ones, all of them in more of a hurry than those before: while a flow
// waits, others get no more than what they may have in a few rounds, however many
// come.
func TestNobodyStarves(t *testing.T) {
	const share, largest = 64, 100
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 1))
		q := newQueue[string](rounds * share)
		waits := map[string]*wait{}
		keys := map[*string]string{}
		weight := map[string]int{}
		add := func(step int) {
			key := fmt.Sprint(rng.IntN(6))
			if rng.IntN(4) == 0 {
				key = fmt.Sprint("new", step)
			}
			if weight[key] == 0 {
				weight[key] = 1 + rng.IntN(3)
			}
			sizes := make([]int, 1+rng.IntN(4))
			for i := range sizes {
				sizes[i] = 1 + rng.IntN(largest)
			}
			due := time.Duration(1_000_000-step) * time.Microsecond
			tk := enqueueDue(&q, key, Flow{Key: key, Weight: weight[key]}, due, sizes...)
			keys[tk.call] = key
			if waits[key] == nil {
				waits[key] = &wait{}
			}
		}
		for step := range 2_000 {
			for range rng.IntN(3) {
				add(step)
			}
			if q.items == 0 {
				continue
			}
			class := &q.classes[Interactive]
			total := class.weight
			p := q.pull(one, nil)[0]
			served := keys[p.call]
			for key, w := range waits {
				w.weight = max(w.weight, total)
				if key != served {
					w.others += p.size
				}
				if bound := w.weight * (3*share + 2*largest); w.others > bound {
					t.Fatalf("seed %d, step %d: others got %d while %s waited, more than %d", seed, step, w.others, key, bound)
				}
			}
			delete(waits, served)
			if f := class.keyed[served]; f != nil && f.member.place > 0 {
				waits[served] = &wait{}
			}
		}
	}
}

// TestSharesAreOfCost: a caller of long texts and one of short ones get as much as
// each other, also where each has so many on their way and sends the next when one
// is done, so that either may have none waiting for a moment; and three times as much
// with three times the weight.
func TestSharesAreOfCost(t *testing.T) {
	tests := []struct {
		name          string
		calls, weight int
		pulls         int
		batch         limits
	}{
		{"many wait", 40, 1, 20_000, one},
		{"few wait", 3, 1, 20_000, one},
		{"a long one at a time", 1, 1, 20_000, one},
		{"three times the weight", 40, 3, 20_000, one},
		{"in batches", 400, 1, 1_000, limits{maxItems: 64, maxCost: 4096, cost: Padded(0)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := newQueue[string](1 << 16)
			long := Flow{Key: "long", Weight: test.weight}
			send := func(name string) {
				if name == "long" {
					enqueue(&q, name, long, 500)
				} else {
					enqueue(&q, name, Flow{Key: "short"}, 20)
				}
			}
			for range test.calls {
				send("long")
			}
			for range max(test.calls, 3) {
				send("short")
			}
			got := map[string]int{}
			var running []picked[string]
			for range test.pulls {
				batch := q.pull(test.batch, nil)
				for _, p := range running { // answered, and sent anew, when the next is pulled
					send(*p.call)
				}
				running = batch
				for _, p := range batch {
					got[*p.call] += p.size
				}
			}
			if ratio := float64(got["long"]) / float64(got["short"]*test.weight); ratio < 0.9 || ratio > 1.1 {
				t.Errorf("long and short texts got %v", got)
			}
		})
	}
}

// TestForgets: flows that have gone leave nothing behind for long, however many they
// were.
func TestForgets(t *testing.T) {
	q := newQueue[string](1 << 10)
	for i := range 10_000 {
		enqueue(&q, "", Flow{Key: fmt.Sprint(i)}, 1+i%20)
		if i >= 10 {
			q.pull(one, nil)
		}
		if n := len(q.classes[Interactive].keyed); n > 300 {
			t.Fatalf("10 flows wait and %d are remembered", n)
		}
	}
}

// perUnit is an executor that takes a millisecond a unit of size.
func perUnit(slots int) Executor[row, int] {
	e := executor(nil)
	e.InFlight, e.MaxItems = slots, 1
	e.Run = func(ctx context.Context, rows []row) ([]int, error) {
		select {
		case <-time.After(time.Duration(rows[0].size) * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return run(ctx, rows)
	}
	return e
}

// TestFlood: while one caller keeps the queue full of long texts, another's short
// ones with tight deadlines are answered within them. Both are told apart by key or
// not at all.
func TestFlood(t *testing.T) {
	for _, key := range []string{"quiet", "flood"} {
		t.Run(key, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBatcher(t, nil, perUnit(2))
				ctx, stop := context.WithCancel(t.Context())
				for range 40 {
					go flood(ctx, b)
				}
				rng := rand.New(rand.NewPCG(9, 9))
				for i := range 300 {
					time.Sleep(time.Duration(rng.IntN(500)) * time.Millisecond)
					if _, err := ask(b, key, 2500*time.Millisecond, row{1000 + i, 1 + rng.IntN(60)}); err != nil {
						t.Fatalf("short text %d: %v", i, err)
					}
				}
				stop()
				shutdown(t, b)
			})
		})
	}
}

// flood sends long texts without an end, and tries again when one is refused.
func flood(ctx context.Context, b *Batcher[row, int]) {
	for ctx.Err() == nil {
		if _, err := ask(b, "flood", time.Minute, rows(0, 9, 512)...); err != nil {
			time.Sleep(time.Second)
		}
	}
}
