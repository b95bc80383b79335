package batching

// half is the most that one call counts against the admission of others, and the
// cost beyond which a call is a giant. With turns going round the callers a giant
// delays others by its turns only, so it must not shut them out for as long as all
// of it takes.
func (c Config) half() int { return c.MaxQueueCost - c.MaxQueueCost/2 }

// crowd is how many times as much as it leaves free a flow may have waiting. Alone it
// fills four fifths of a queue, two fill four ninths each: whoever comes finds room.
const crowd = 4

// room reports whether a call of cost may join the queue. Of a giant that waits
// only half a queue counts. To keep memory bounded there is one at a time: calls
// that wait cost at most MaxQueueCost and, beyond it, the rest of one giant. The
// lock is held.
func (b *Batcher[In, Out]) room(cost int, f Flow) bool {
	half, excess := b.cfg.half(), b.excess()
	if cost > half && excess > 0 {
		return false
	}
	cost = min(cost, half)
	free := b.cfg.MaxQueueCost - (b.queue.cost - excess) - cost
	if f.Key == "" {
		return free >= 0
	}
	return free >= 0 && b.held(f)+cost <= crowd*free
}

// held is what waits of a flow; of a giant half a queue counts. The lock is held.
func (b *Batcher[In, Out]) held(f Flow) int {
	flow := b.queue.classes[f.Priority].keyed[f.Key]
	if flow == nil {
		return 0
	}
	if b.giant != nil && b.giant.ticket.flow == flow {
		return flow.cost - b.excess()
	}
	return flow.cost
}

// excess is what waits of the giant beyond half a queue. The lock is held.
func (b *Batcher[In, Out]) excess() int {
	if b.giant == nil {
		return 0
	}
	return max(0, b.giant.ticket.cost-b.cfg.half())
}
