package batching

import "time"

// patientest is the longest that a deadline puts a call off, and the patience of
// one without a deadline. As it ends, nobody waits for ever for those in a hurry.
const patientest = time.Minute

// ticket is a call's place in the queue.
type ticket[C any] struct {
	call     *C
	waiting  []item        // not yet pulled, in the caller's order
	cost     int           // of waiting
	had      int           // cost that was pulled
	due      time.Duration // the call's deadline, since any moment that all calls share
	patience time.Duration // due, since the call came
	reach    int           // within a pull: all marked items are among so many first of waiting
	flow     *flow[C]
	member   member[ticket[C]]
	one      [1]item // room for waiting where a call has one item
}

// item is one waiting item of a call. Its size is at least 1 until it is taken.
type item struct{ index, size int }

// picked is an item that a pull took.
type picked[C any] struct {
	call *C
	item
}

// hurry says when t is due that came at now and has left until its deadline.
func (t *ticket[C]) hurry(now, left time.Duration) {
	t.patience = max(0, min(left, patientest))
	t.due = now + t.patience
}

// rank orders the calls of a flow: the earliest deadline first. The items of a call
// are due one after another: one that has had spread is given way to as if its
// deadline were twice as far. So a call of hundreds of items does not hold up those
// of about the same deadline that come after it, yet one whose deadline is near has
// all of its items go before those of a call with time.
func (t *ticket[C]) rank(spread int) rank {
	later := float64(t.patience) * float64(t.had) / float64(spread)
	return rank{due: t.due + time.Duration(later), arrival: t.member.rank.arrival}
}

// take marks the item at place as pulled. The mark keeps the places of the others
// until tidy.
func (t *ticket[C]) take(place int) picked[C] {
	it := t.waiting[place]
	t.waiting[place].size = 0
	t.reach = max(t.reach, place+1)
	t.cost -= it.size
	t.had += it.size
	return picked[C]{t.call, it}
}

// tidy drops the marked items. It moves those that stay up to the end of what the
// window saw and lets waiting begin there: the work is that of the window, however
// long the call. Moving all that wait down would take time quadratic in a call, under
// the batcher's lock.
func (t *ticket[C]) tidy() {
	first := t.reach
	for i := t.reach - 1; i >= 0; i-- {
		if t.waiting[i].size > 0 {
			first--
			t.waiting[first] = t.waiting[i]
		}
	}
	t.waiting, t.reach = t.waiting[first:], 0
}
