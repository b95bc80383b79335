package batching

import (
	"encoding/binary"
	"slices"
	"testing"
)

func TestChoose(t *testing.T) {
	tests := []struct {
		name  string
		sizes []int
		l     limits
		want  []int
	}{
		{"alone", []int{40}, limits{8, 512, Padded(0)}, []int{0}},
		{"alone over the limit", []int{600, 10}, limits{8, 512, Padded(0)}, []int{0}},
		{"equal sizes on a CPU", []int{40, 400, 40, 41, 39, 80}, limits{8, 512, Padded(0)}, []int{0, 2, 3, 4}},
		{"nearest first", []int{40, 44, 40, 41}, limits{2, 512, Padded(0)}, []int{0, 2}},
		{"a longer one would stretch all", []int{40, 40, 40, 40, 50}, limits{8, 512, Padded(0)}, []int{0, 1, 2, 3}},
		{"within cost", []int{100, 100, 100, 100}, limits{8, 350, Padded(0)}, []int{0, 1, 2}},
		{"a smaller one fits where a nearer does not", []int{100, 100, 60}, limits{8, 170, Packed(0)}, []int{0, 2}},
		{"packed takes any", []int{40, 400, 2}, limits{8, 512, Packed(0)}, []int{0, 2, 1}},
		{"a fixed part makes unequal ones worth it", []int{40, 300, 45}, limits{8, 8192, Padded(1000)}, []int{0, 2, 1}},
		{"not while others like them wait", []int{40, 300, 45, 300, 300, 300}, limits{8, 8192, Padded(1000)}, []int{0, 2}},
		{"nor short ones with a long one", []int{300, 40, 40, 40, 40, 40, 300}, limits{8, 8192, Padded(1000)}, []int{0, 6}},
		{"within items", []int{1, 1, 1}, limits{1, 8, Packed(0)}, []int{0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p picker
			if got := p.choose(test.sizes, test.l); !slices.Equal(got, test.want) {
				t.Errorf("chose %v, want %v", got, test.want)
			}
		})
	}
}

// FuzzPull pulls a queue empty. Every batch is within its limits, holds the item
// whose turn it was, and wastes at most slack; every item comes out once.
func FuzzPull(f *testing.F) {
	f.Add([]byte{40, 1, 40, 1, 200, 0, 3, 1}, uint8(8), uint16(512), uint16(0), false)
	f.Add([]byte{1, 1, 255, 1, 1, 1, 255, 1}, uint8(1), uint16(1), uint16(9), true)
	f.Add(slices.Repeat([]byte{7, 3, 9, 0}, 200), uint8(255), uint16(4096), uint16(100), false)
	f.Fuzz(func(t *testing.T, data []byte, items uint8, cost, fixed uint16, packed bool) {
		data = data[:min(len(data), 4096)]
		l := limits{max(1, int(items)), max(1, int(cost)), Padded(int(fixed))}
		if packed {
			l.cost = Packed(int(fixed))
		}
		q := newQueue[string](1 << 16)
		left := map[*string]int{}
		for len(data) >= 2 { // how many items a call has, then their sizes
			n := 1 + int(data[1])%8
			sizes := make([]int, 0, n)
			for ; n > 0 && len(data) >= 2; n-- {
				sizes = append(sizes, 1+int(binary.LittleEndian.Uint16(data))%600)
				data = data[2:]
			}
			tk := enqueue(&q, "", Flow{Key: []string{"", "k"}[n%2]}, sizes...)
			left[tk.call] = len(sizes)
		}
		for q.items > 0 {
			before := q.items
			must := mustGo(&q)
			batch := q.pull(l, nil)
			checkBatch(t, batch, must, l)
			if before-q.items != len(batch) {
				t.Fatalf("%d items left the queue, %d came out", before-q.items, len(batch))
			}
			for _, p := range batch {
				left[p.call]--
			}
		}
		for _, n := range left {
			if n != 0 {
				t.Fatalf("a call has %d items lost or doubled", n)
			}
		}
	})
}

// mustGo returns the item whose turn it is, by the rules of the queue and not its code:
// of the flows in the lowest round, and of the calls in them, the earliest due.
func mustGo(q *queue[string]) picked[string] {
	f := least(q.classes[Interactive].flows.list)
	tk := least(f.tickets.list)
	return picked[string]{tk.call, tk.waiting[0]}
}

func least[T any](members []*member[T]) *T {
	return slices.MinFunc(members, func(a, b *member[T]) int { return a.rank.compare(b.rank) }).of
}

func checkBatch(t *testing.T, batch []picked[string], must picked[string], l limits) {
	t.Helper()
	if batch[0] != must {
		t.Fatalf("the first item is %v, not the one whose turn it is, %v", batch[0], must)
	}
	longest, sum, apart := 0, 0, 0
	seen := map[picked[string]]bool{}
	for _, p := range batch {
		if seen[p] {
			t.Fatalf("%v is there twice", p)
		}
		seen[p] = true
		longest, sum = max(longest, p.size), sum+p.size
		apart += l.cost(1, p.size, p.size)
	}
	cost := l.cost(len(batch), longest, sum)
	if len(batch) > l.maxItems {
		t.Fatalf("%d items, limit %d", len(batch), l.maxItems)
	}
	if len(batch) > 1 && cost > l.maxCost {
		t.Fatalf("cost %d, limit %d", cost, l.maxCost)
	}
	if cost > apart+apart/slack {
		t.Fatalf("cost %d, apart %d", cost, apart)
	}
}
