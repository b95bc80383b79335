package batching

// mostAhead is how many rounds a flow can have had in advance at the most. Batches of
// a card give a flow many items at once; it need not wait longer for them than this.
const mostAhead = 64

// class is the flows of one priority. Each round gives every flow that waits the same
// share of cost, times its weight; within a round the flow goes first whose next call
// is due first.
//
// A flow that comes, or comes back, joins the round that is on, and no earlier one.
// The round goes on when as much has been pulled as it gives to all who wait: so
// those who have had their share are not held up for ever by ever new flows.
type class[C any] struct {
	flows  heap[flow[C]]
	keyed  map[string]*flow[C] // those in flows, and those of whom a round is remembered
	sweep  int                 // look through keyed when it has grown to this
	round  int
	pulled int // in this round
	weight int // of all flows that wait
}

// flow is those who share one turn.
type flow[C any] struct {
	Flow
	tickets heap[ticket[C]]
	cost    int // of all tickets
	round   int // that its next item is of
	spent   int // of its share of that round
	member  member[flow[C]]
}

// of returns the flow that a ticket joins.
func (c *class[C]) of(f Flow) *flow[C] {
	into := c.keyed[f.Key]
	if into == nil {
		c.forget()
		into = new(flow[C])
		into.member.of = into
		c.keyed[f.Key] = into
	}
	if into.member.place > 0 {
		c.weight += f.Weight - into.Weight
	}
	into.Flow = f
	return into
}

// forget drops the flows that do not wait and have had no more than others. It looks
// when their number has doubled, so that a call costs the same however many there are.
func (c *class[C]) forget() {
	if c.keyed == nil {
		c.keyed = make(map[string]*flow[C])
	}
	if len(c.keyed) < c.sweep {
		return
	}
	for key, f := range c.keyed {
		if f.member.place == 0 && f.round <= c.round {
			delete(c.keyed, key)
		}
	}
	c.sweep = 2*len(c.keyed) + 64
}

// join puts f, which has just got its first ticket, among those who wait.
func (c *class[C]) join(f *flow[C], arrival uint64) {
	if f.round < c.round {
		f.round, f.spent = c.round, 0
	}
	c.weight += f.Weight
	f.member.rank = f.rank(arrival)
	c.flows.push(&f.member)
}

// leave takes f, whose last ticket is gone, out.
func (c *class[C]) leave(f *flow[C]) {
	c.weight -= f.Weight
	c.flows.remove(&f.member)
}

// rank is that of f among the flows of its class; f must have a ticket.
func (f *flow[C]) rank(arrival uint64) rank {
	return rank{round: f.round, due: f.tickets.list[0].rank.due, arrival: arrival}
}

// charge counts what was pulled of f in round now, of which share is for weight 1.
func (f *flow[C]) charge(size, share, now int) {
	f.cost -= size
	f.spent += size
	f.round += f.spent / (share * f.Weight)
	f.spent %= share * f.Weight
	f.round = min(f.round, now+mostAhead)
}

// advance counts what a pull took while flows of weight waited. The round stays within
// one of the flow that is furthest behind: nobody comes back to a turn long past, and
// nobody who comes waits for more than is left of a round and the next.
func (c *class[C]) advance(size, share, weight int) {
	c.pulled += size
	c.round += c.pulled / (share * weight)
	c.pulled %= share * weight
	if !c.flows.empty() {
		behind := c.flows.top().round
		c.round = max(behind, min(c.round, behind+1))
	}
}
