package batching

// windowSize is how many waiting items a pull looks at. On lengths as real
// texts have them, batches of 4096 tokens drawn from 256 waiting items carry
// 1.36 times their tokens in padding and those from 64 carry twice; a pull stays
// linear in it.
const windowSize = 256

// window is the waiting items that a pull may choose from, the one that must go
// first, then in the order of their turns. Its slices are reused.
type window[C any] struct {
	candidates []candidate[C]
	sizes      []int       // of the candidates
	cursors    []cursor[C] // empty outside addClass
}

// candidate is the item at a place of a ticket's waiting items.
type candidate[C any] struct {
	ticket *ticket[C]
	place  int
}

// cursor walks the waiting items of a flow, ticket by ticket.
type cursor[C any] struct {
	flow   *flow[C]
	ticket int // place in its heap
	place  int
}

// fill looks ahead in the turns of first, then of the other of the two classes.
func (q *queue[C]) fill(first Priority, l limits) {
	room := windowSize
	if l.maxItems == 1 {
		room = 1
	}
	q.window.addClass(&q.classes[first], room)
	q.window.addClass(&q.classes[Bulk-first], room)
}

// addClass goes round the flows of a class, Weight items a flow a round, until
// the window is full or nothing is left. Flows and tickets come in the order of their
// heaps: whoever must go is first, the others are roughly in order. A flow that has
// no more leaves the round, so no step is wasted and the work is linear in room.
func (w *window[C]) addClass(c *class[C], room int) {
	for _, m := range c.flows.list[:max(0, min(len(c.flows.list), room-len(w.sizes)))] {
		w.cursors = append(w.cursors, cursor[C]{flow: m.of})
	}
	for round := w.cursors; len(round) > 0 && len(w.sizes) < room; {
		more := round[:0]
		for _, c := range round {
			if w.draw(&c, room) {
				more = append(more, c)
			}
		}
		round = more
	}
	clear(w.cursors)
	w.cursors = w.cursors[:0]
}

// draw adds up to Weight items at c, and reports whether c has more.
func (w *window[C]) draw(c *cursor[C], room int) bool {
	for range c.flow.Weight {
		if len(w.sizes) == room {
			return false
		}
		t := c.flow.tickets.list[c.ticket].of
		w.candidates = append(w.candidates, candidate[C]{t, c.place})
		w.sizes = append(w.sizes, t.waiting[c.place].size)
		if c.place++; c.place == len(t.waiting) {
			c.ticket, c.place = c.ticket+1, 0
			if c.ticket == len(c.flow.tickets.list) {
				return false
			}
		}
	}
	return true
}

// clear empties the window and lets go of the calls it saw.
func (w *window[C]) clear() {
	clear(w.candidates)
	w.candidates, w.sizes = w.candidates[:0], w.sizes[:0]
}
