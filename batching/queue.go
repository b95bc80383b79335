package batching

// queue holds what waits, and says which items go next. It is plain data: not
// safe for concurrent use, without clock or channel, so that its promises can
// be tested alone.
//
// A pull is decided in two steps. Turns decide fairness and haste: of two classes of
// priority one has the turn, in it the flow of the lowest round and earliest deadline
// (class.go), in that the call that is due first (ticket.go); its first waiting item
// must go. Then size decides efficiency: the picker fills up with items near that one
// in size, from a window of those whose turn comes soonest (window.go, pick.go).
type queue[C any] struct {
	share    int // cost that a round gives to a flow of weight 1
	classes  [priorities]class[C]
	items    int
	cost     int
	kept     int // cost of interactive items pulled since bulk had its turn or began to wait
	arrivals uint64

	window window[C]
	picker picker
}

const (
	// rounds is how many rounds a full queue of one flow is. The fewer, the more
	// one flow may get ahead of another for the sake of its deadlines.
	rounds = 128
	// spread is how many shares a call has had when it is given way to as if its
	// deadline were twice as far.
	spread = 8
)

func newQueue[C any](capacity int) queue[C] { return queue[C]{share: max(1, capacity/rounds)} }

// add puts t, which must have waiting items and be hurried, among the calls of f.
func (q *queue[C]) add(t *ticket[C], f Flow) {
	class := &q.classes[f.Priority]
	q.arrivals++
	t.flow = class.of(f)
	t.member = member[ticket[C]]{of: t, rank: rank{due: t.due, arrival: q.arrivals}}
	t.flow.tickets.push(&t.member)
	t.flow.cost += t.cost
	q.items += len(t.waiting)
	q.cost += t.cost
	if t.flow.member.place == 0 {
		class.join(t.flow, q.arrivals)
	} else {
		q.rerank(t.flow)
	}
}

// drop takes out what still waits of t, if anything.
func (q *queue[C]) drop(t *ticket[C]) {
	if t.flow == nil {
		return
	}
	q.items -= len(t.waiting)
	q.cost -= t.cost
	t.flow.cost -= t.cost
	t.waiting, t.cost = nil, 0
	q.unlink(t)
}

// head returns the call whose turn it is. The queue must not be empty.
func (q *queue[C]) head() *ticket[C] { return q.classes[q.turn()].flows.top().tickets.top() }

// turn returns the class whose turn it is. Bulk has one part in bulkShare of the cost
// while interactive flows wait as well.
func (q *queue[C]) turn() Priority {
	high, low := &q.classes[Interactive].flows, &q.classes[Bulk].flows
	switch {
	case low.empty():
		return Interactive
	case high.empty():
		return Bulk
	}
	if next := low.top().tickets.top().waiting[0]; q.kept >= (bulkShare-1)*next.size {
		return Bulk
	}
	return Interactive
}

// pull takes a batch within l and appends it to dst, the item whose turn it was
// first. The queue must not be empty.
func (q *queue[C]) pull(l limits, dst []picked[C]) []picked[C] {
	first := q.turn()
	q.fill(first, l)
	chosen := q.picker.choose(q.window.sizes, l)
	weights := [priorities]int{q.classes[Interactive].weight, q.classes[Bulk].weight}
	var taken [priorities]int
	for _, i := range chosen {
		c := q.window.candidates[i]
		p := c.ticket.take(c.place)
		class := c.ticket.flow.Priority
		c.ticket.flow.charge(p.size, q.share, q.classes[class].round)
		taken[class] += p.size
		dst = append(dst, p)
	}
	q.items -= len(chosen)
	for _, i := range chosen {
		q.settle(q.window.candidates[i].ticket)
	}
	q.window.clear()
	q.account(first, taken, weights)
	return dst
}

// account counts what a pull took, in which first had its turn.
func (q *queue[C]) account(first Priority, taken, weights [priorities]int) {
	for p, size := range taken {
		q.cost -= size
		if size > 0 {
			q.classes[p].advance(size, q.share, weights[p])
		}
	}
	q.kept += taken[Interactive]
	if first == Bulk || q.classes[Bulk].flows.empty() {
		q.kept = 0
	}
}

// settle gives t, of which items were taken, its new place, once.
func (q *queue[C]) settle(t *ticket[C]) {
	if t.reach == 0 {
		return
	}
	t.tidy()
	if len(t.waiting) == 0 {
		q.unlink(t)
		return
	}
	t.flow.tickets.move(&t.member, t.rank(spread*q.share))
	q.rerank(t.flow)
}

// unlink takes t out of its flow, and its flow out of its class if it was the last.
func (q *queue[C]) unlink(t *ticket[C]) {
	f := t.flow
	t.flow = nil
	f.tickets.remove(&t.member)
	if f.tickets.empty() {
		q.classes[f.Priority].leave(f)
		return
	}
	q.rerank(f)
}

// rerank gives f the place that its round and its next call give it.
func (q *queue[C]) rerank(f *flow[C]) {
	q.classes[f.Priority].flows.move(&f.member, f.rank(f.member.rank.arrival))
}
