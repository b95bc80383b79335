package batching

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// one takes an item at a time, so that pulls show the turns.
var one = limits{maxItems: 1, maxCost: 1, cost: Packed(0)}

// enqueue adds a call named name that is due in a second.
func enqueue(q *queue[string], name string, f Flow, sizes ...int) *ticket[string] {
	return enqueueDue(q, name, f, time.Second, sizes...)
}

// enqueueDue adds a call named name.
func enqueueDue(q *queue[string], name string, f Flow, due time.Duration, sizes ...int) *ticket[string] {
	t := &ticket[string]{call: &name}
	t.hurry(0, due)
	for i, s := range sizes {
		t.waiting = append(t.waiting, item{i, s})
		t.cost += s
	}
	f.Weight = max(f.Weight, 1)
	q.add(t, f)
	return t
}

// turns pulls until the queue is empty and returns who went when.
func turns(q *queue[string]) (order []string) {
	for q.items > 0 {
		p := q.pull(one, nil)[0]
		order = append(order, fmt.Sprint(*p.call, p.index))
	}
	return order
}

func TestTurns(t *testing.T) {
	late, soon := 10*time.Second, time.Second
	tests := []struct {
		name string
		add  func(q *queue[string])
		want []string
	}{
		{"in order of arrival", func(q *queue[string]) {
			enqueue(q, "a", Flow{}, 1)
			enqueue(q, "b", Flow{}, 1)
		}, []string{"a0", "b0"}},
		{"the earliest deadline first", func(q *queue[string]) {
			enqueueDue(q, "a", Flow{}, late, 1)
			enqueueDue(q, "b", Flow{}, soon, 1)
			enqueueDue(q, "c", Flow{Key: "k"}, soon/2, 1)
		}, []string{"c0", "b0", "a0"}},
		{"a short call passes a long one", func(q *queue[string]) {
			enqueue(q, "a", Flow{}, 1, 1, 1, 1)
			enqueue(q, "b", Flow{}, 1)
		}, []string{"a0", "b0", "a1", "a2", "a3"}},
		{"all of a call goes before one with much more time", func(q *queue[string]) {
			enqueueDue(q, "a", Flow{}, late, 1)
			enqueueDue(q, "b", Flow{}, soon, 1, 1, 1, 1)
		}, []string{"b0", "b1", "b2", "b3", "a0"}},
		{"a key has the share of one however many calls", func(q *queue[string]) {
			enqueue(q, "a", Flow{Key: "k"}, 1, 1)
			enqueue(q, "b", Flow{Key: "k"}, 1)
			enqueue(q, "c", Flow{Key: "l"}, 1, 1)
		}, []string{"a0", "c0", "b0", "c1", "a1"}},
		{"a deadline gives no more than a share", func(q *queue[string]) {
			enqueueDue(q, "a", Flow{Key: "k"}, late, 1, 1)
			enqueueDue(q, "b", Flow{Key: "l"}, soon, 1, 1, 1)
		}, []string{"b0", "a0", "b1", "a1", "b2"}},
		{"shares are of cost, not of turns", func(q *queue[string]) {
			enqueue(q, "a", Flow{Key: "k"}, 3, 3)
			enqueue(q, "b", Flow{Key: "l"}, 1, 1, 1, 1, 1)
		}, []string{"a0", "b0", "b1", "b2", "a1", "b3", "b4"}},
		{"weight is a multiple of the share", func(q *queue[string]) {
			enqueue(q, "a", Flow{Key: "k", Weight: 2}, 1, 1, 1)
			enqueue(q, "b", Flow{Key: "l"}, 1, 1)
		}, []string{"a0", "b0", "a1", "b1", "a2"}},
		{"bulk gets one part in eight", func(q *queue[string]) {
			enqueue(q, "b", Flow{Priority: Bulk}, 1, 1)
			enqueue(q, "i", Flow{}, 1, 1, 1, 1, 1, 1, 1, 1)
		}, []string{"i0", "i1", "i2", "i3", "i4", "i5", "i6", "b0", "i7", "b1"}},
		{"of the cost", func(q *queue[string]) {
			enqueue(q, "b", Flow{Priority: Bulk}, 2, 2)
			enqueue(q, "i", Flow{}, 7, 7, 7, 7, 7)
		}, []string{"i0", "i1", "b0", "i2", "i3", "b1", "i4"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := newQueue[string](1)
			test.add(&q)
			if got := turns(&q); !slices.Equal(got, test.want) {
				t.Errorf("got  %v\nwant %v", got, test.want)
			}
			checkEmpty(t, &q)
		})
	}
}

// checkEmpty fails if a queue that was pulled empty holds something.
func checkEmpty(t *testing.T, q *queue[string]) {
	t.Helper()
	if q.cost != 0 || q.items != 0 {
		t.Errorf("empty queue has %d items of cost %d", q.items, q.cost)
	}
	for i := range q.classes {
		if c := &q.classes[i]; !c.flows.empty() || c.weight != 0 {
			t.Errorf("%d flows of weight %d wait in an empty queue", len(c.flows.list), c.weight)
		}
	}
}

// TestWindow shows what a pull sees: an item a flow in turn, Weight items a turn, the
// head first, no more than fits.
func TestWindow(t *testing.T) {
	q := newQueue[string](1 << 16)
	enqueue(&q, "a", Flow{}, slices.Repeat([]int{5}, 2*windowSize)...)
	enqueue(&q, "b", Flow{Key: "j", Weight: 2}, 6, 7, 8)
	enqueue(&q, "c", Flow{Key: "k"}, 10, 11)
	enqueue(&q, "d", Flow{Key: "k"}, 12)
	enqueue(&q, "e", Flow{Priority: Bulk}, 9)
	q.fill(Interactive, limits{maxItems: 100})
	want := []int{5, 6, 7, 10, 5, 8, 11, 5, 12, 5, 5}
	if got := q.window.sizes[:len(want)]; !slices.Equal(got, want) {
		t.Errorf("window begins with %v, want %v", got, want)
	}
	if len(q.window.sizes) != windowSize {
		t.Errorf("window of %d", len(q.window.sizes))
	}
}

func TestDrop(t *testing.T) {
	q := newQueue[string](1)
	enqueue(&q, "a", Flow{Key: "k"}, 1, 2)
	b := enqueue(&q, "b", Flow{Key: "k"}, 3, 4)
	enqueue(&q, "c", Flow{}, 5)
	q.drop(b)
	q.drop(b)
	if q.items != 3 || q.cost != 8 {
		t.Errorf("%d items, cost %d", q.items, q.cost)
	}
	if got, want := turns(&q), []string{"a0", "c0", "a1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestQueueModel adds, pulls and drops at random and holds the queue to a naive
// account of what must still wait.
func TestQueueModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	q := newQueue[string](1 << 12)
	waiting := map[*ticket[string]]map[int]int{} // ticket, index, size
	owner := map[*string]*ticket[string]{}
	for step := range 4_000 {
		switch rng.IntN(5) {
		case 0, 1:
			sizes := make([]int, 1+rng.IntN(1+rng.IntN(40)))
			for i := range sizes {
				sizes[i] = 1 + rng.IntN(512)
			}
			f := Flow{Key: []string{"", "k", "l"}[rng.IntN(3)], Weight: rng.IntN(4), Priority: Priority(rng.IntN(2))}
			tk := enqueueDue(&q, fmt.Sprint(step), f, time.Duration(rng.IntN(1e9)), sizes...)
			owner[tk.call], waiting[tk] = tk, map[int]int{}
			for i, s := range sizes {
				waiting[tk][i] = s
			}
		case 2:
			for tk := range waiting {
				q.drop(tk)
				delete(waiting, tk)
				break
			}
		default:
			if q.items == 0 {
				break
			}
			l := limits{1 + rng.IntN(64), 1 + rng.IntN(8192), Padded(rng.IntN(500))}
			for _, p := range q.pull(l, nil) {
				tk := owner[p.call]
				if s, ok := waiting[tk][p.index]; !ok || s != p.size {
					t.Fatalf("step %d: pulled item %d of size %d, which did not wait", step, p.index, p.size)
				}
				delete(waiting[tk], p.index)
				if len(waiting[tk]) == 0 {
					delete(waiting, tk)
				}
			}
		}
		items, cost := 0, 0
		for _, w := range waiting {
			for _, s := range w {
				items, cost = items+1, cost+s
			}
		}
		if q.items != items || q.cost != cost {
			t.Fatalf("step %d: queue counts %d items of cost %d, %d of %d wait", step, q.items, q.cost, items, cost)
		}
	}
	for q.items > 0 {
		q.pull(one, nil)
	}
	checkEmpty(t, &q)
}
