package batching

// queue holds what waits, and says which items go next. It is plain data: not
// safe for concurrent use, without clock or channel, so that its promises can
// be tested alone.
//
// A pull is decided in two steps. Turns decide fairness: classes of priority,
// in them flows, in them tickets, each a ring whose head is next; the first
// waiting item of the head's head must go. Then size decides efficiency: the
// picker fills up with items near that one in size, from a window of those whose
// turn comes soonest (window.go, pick.go).
//
// Every pull takes the head of a ring and sends it to the end, so an item waits
// for at most one pull of each other flow of its class times its own place in
// its flow (times a constant for bulk): nothing starves.
type queue[C any] struct {
	classes [priorities]ring[flow[C]]
	keyed   map[flowID]*flow[C]
	items   int
	cost    int
	pulls   int

	window window[C]
	picker picker
}

// flow is those who share one turn. It exists while it has tickets.
type flow[C any] struct {
	Flow
	tickets ring[ticket[C]]
	served  int // turns had since it became head, below its weight
	link    link[flow[C]]
}

// ticket is a call's place in the queue.
type ticket[C any] struct {
	call    *C
	waiting []item // not yet pulled, in the caller's order
	cost    int    // of waiting
	reach   int    // within a pull: all marked items are among so many first of waiting
	flow    *flow[C]
	link    link[ticket[C]]
	own     flow[C] // of a call without a key
	one     [1]item // room for waiting where a call has one item
}

// item is one waiting item of a call. Its size is at least 1 until it is taken.
type item struct{ index, size int }

// picked is an item that a pull took.
type picked[C any] struct {
	call *C
	item
}

// add puts t, which must have waiting items, at the end of f's turns.
func (q *queue[C]) add(t *ticket[C], f Flow) {
	t.flow = q.flowOf(t, f)
	t.link.of = t
	t.flow.tickets.push(&t.link)
	q.items += len(t.waiting)
	q.cost += t.cost
}

// drop takes out what still waits of t, if anything.
func (q *queue[C]) drop(t *ticket[C]) {
	if t.flow == nil {
		return
	}
	q.items -= len(t.waiting)
	q.cost -= t.cost
	t.waiting, t.cost = nil, 0
	q.unlink(t)
}

// pull takes a batch within l and appends it to dst, the item whose turn it was
// first. The queue must not be empty.
func (q *queue[C]) pull(l limits, dst []picked[C]) []picked[C] {
	class := q.nextClass()
	q.fill(class, l)
	chosen := q.picker.choose(q.window.sizes, l)
	for _, i := range chosen {
		dst = append(dst, q.take(q.window.candidates[i]))
	}
	q.passTurn(class)
	for _, i := range chosen {
		q.tidy(q.window.candidates[i].ticket)
	}
	q.window.clear()
	return dst
}

// nextClass returns the class whose turn it is.
func (q *queue[C]) nextClass() Priority {
	q.pulls++
	high, low := !q.classes[Interactive].empty(), !q.classes[Bulk].empty()
	if low && (!high || q.pulls%bulkShare == 0) {
		return Bulk
	}
	return Interactive
}

// take marks a candidate as pulled. The mark keeps the places of the others
// until tidy.
func (q *queue[C]) take(c candidate[C]) picked[C] {
	t := c.ticket
	it := t.waiting[c.place]
	t.waiting[c.place].size = 0
	t.reach = max(t.reach, c.place+1)
	t.cost -= it.size
	q.cost -= it.size
	q.items--
	return picked[C]{t.call, it}
}

// passTurn ends a turn of the head of class.
func (q *queue[C]) passTurn(class Priority) {
	f := q.classes[class].head.of
	f.tickets.turn()
	f.served++
	if f.served >= f.Weight {
		f.served = 0
		q.classes[class].turn()
	}
}

// tidy drops the marked items of t, and t where none is left. It moves those that
// stay up to the end of what the window saw and lets waiting begin there: the work
// is that of the window, however long the call. Moving all that wait down would
// take time quadratic in a call, under the batcher's lock.
func (q *queue[C]) tidy(t *ticket[C]) {
	if t.reach == 0 {
		return
	}
	first := t.reach
	for i := t.reach - 1; i >= 0; i-- {
		if t.waiting[i].size > 0 {
			first--
			t.waiting[first] = t.waiting[i]
		}
	}
	t.waiting, t.reach = t.waiting[first:], 0
	if len(t.waiting) == 0 {
		q.unlink(t)
	}
}

// flowOf returns the flow that t joins, which is in its class's ring.
func (q *queue[C]) flowOf(t *ticket[C], f Flow) *flow[C] {
	into := &t.own
	if f.Key != "" {
		if q.keyed == nil {
			q.keyed = make(map[flowID]*flow[C])
		}
		if q.keyed[f.id()] == nil {
			q.keyed[f.id()] = new(flow[C])
		}
		into = q.keyed[f.id()]
	}
	into.Flow = f
	if into.tickets.empty() {
		into.link.of = into
		q.classes[f.Priority].push(&into.link)
	}
	return into
}

// unlink takes t out of its flow, and its flow out of the ring if it was the last.
func (q *queue[C]) unlink(t *ticket[C]) {
	f := t.flow
	t.flow = nil
	f.tickets.remove(&t.link)
	if f.tickets.empty() {
		q.classes[f.Priority].remove(&f.link)
		delete(q.keyed, f.id())
	}
}
