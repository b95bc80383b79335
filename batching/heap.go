package batching

import (
	"cmp"
	"time"
)

// heap keeps its members in order of rank, the least at the top. Members know their
// place in it, so any of them may leave or change its rank. The zero heap is empty.
type heap[T any] struct{ list []*member[T] }

// member is a place in a heap. It is in one heap at most.
type member[T any] struct {
	of    *T
	rank  rank
	place int // in the list, from 1; 0: in no heap
}

// rank says who goes first: the lowest round, then the earliest due, then whoever
// came first.
type rank struct {
	round   int
	due     time.Duration
	arrival uint64
}

func (r rank) compare(s rank) int {
	return cmp.Or(cmp.Compare(r.round, s.round), cmp.Compare(r.due, s.due), cmp.Compare(r.arrival, s.arrival))
}

func (h *heap[T]) empty() bool { return len(h.list) == 0 }

// top returns who goes first. The heap must not be empty.
func (h *heap[T]) top() *T { return h.list[0].of }

// push adds m, which is in no heap.
func (h *heap[T]) push(m *member[T]) {
	h.list = append(h.list, m)
	m.place = len(h.list)
	h.up(m.place - 1)
}

// move gives m, which is in h, another rank.
func (h *heap[T]) move(m *member[T], r rank) {
	m.rank = r
	h.down(h.up(m.place - 1))
}

// remove takes m, which is in h, out of it.
func (h *heap[T]) remove(m *member[T]) {
	at, last := m.place-1, len(h.list)-1
	h.swap(at, last)
	h.list[last] = nil
	h.list = h.list[:last]
	m.place = 0
	if at < last {
		h.down(h.up(at))
	}
}

// up moves the member at i towards the top and returns where it has come to.
func (h *heap[T]) up(i int) int {
	for i > 0 && h.less(i, (i-1)/2) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	return i
}

// down moves the member at i away from the top.
func (h *heap[T]) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.list); child++ {
			if h.less(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		h.swap(i, least)
		i = least
	}
}

func (h *heap[T]) less(i, j int) bool { return h.list[i].rank.compare(h.list[j].rank) < 0 }

func (h *heap[T]) swap(i, j int) {
	h.list[i], h.list[j] = h.list[j], h.list[i]
	h.list[i].place, h.list[j].place = i+1, j+1
}
