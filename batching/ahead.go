package batching

// before estimates the cost that is pulled before the last item of t, a call of f that
// is about to join. Of its own flow those go before it whose deadline is earlier, of
// the others as much of each as t's flow gets meanwhile, by their weights. It is
// linear in the calls that wait, and is asked only when the queue is long.
func (q *queue[C]) before(t *ticket[C], f Flow) int {
	own := q.earlier(t, f)
	total := own
	for p := range min(f.Priority+1, priorities) {
		for _, m := range q.classes[p].flows.list {
			switch other := m.of; {
			case p < f.Priority:
				total += other.cost
			case other.Key != f.Key:
				total += min(other.cost, (own+t.cost)*other.Weight/f.Weight)
			}
		}
	}
	return total
}

// earlier is what of t's own flow goes before it. A call goes ahead of one with a
// later deadline by no more than spread, or as much as that has had itself.
func (q *queue[C]) earlier(t *ticket[C], f Flow) (cost int) {
	flow := q.classes[f.Priority].keyed[f.Key]
	if flow == nil {
		return 0
	}
	for _, m := range flow.tickets.list {
		if m.rank.due <= t.due {
			cost += min(m.of.cost, t.cost+spread*q.share)
		}
	}
	return cost
}
