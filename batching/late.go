package batching

import "time"

// hedge is how much longer than measured the wait for others may take. Without it a
// queue fills up to the deadlines themselves: calls that come late by a little have had
// their inference for nothing, and after a burst the next ones wait for all of that.
const hedge = 1.4

// timely refuses a call that would not be answered in time, as far as can be told: by
// what goes before it and the speed of the executors. While nothing waits, nothing is
// refused: what is measured may be wrong, and could never be put right. The lock
// is held.
func (b *Batcher[In, Out]) timely(c *call[In, Out], f Flow) error {
	rate := b.rate()
	if c.deadline.IsZero() || b.queue.items == 0 || rate == 0 {
		return nil
	}
	left := float64(c.timeLeft(c.arrived))
	own := float64(c.ticket.cost)/rate + b.ongoing(c.arrived)
	if own+hedge*float64(b.queue.cost)/rate <= left { // even behind all that waits
		return nil
	}
	wait := float64(b.queue.before(&c.ticket, f)) / rate
	if wait == 0 || own+hedge*wait <= left {
		return nil
	}
	return &OverloadedError{RetryAfter: drain(min(wait, own+hedge*wait-left))}
}

// ongoing estimates how many nanoseconds the executors that serve need for what they
// run. The lock is held.
func (b *Batcher[In, Out]) ongoing(now time.Time) float64 {
	var needed float64
	slots := 0
	for _, w := range b.workers {
		if w.state != serving || w.Alone {
			continue
		}
		slots += w.InFlight
		for _, s := range w.slots {
			if len(s.batch) > 0 {
				needed += max(0, float64(s.stats.Size)*w.speed.perUnit()-float64(now.Sub(s.started)))
			}
		}
	}
	return needed / float64(max(slots, 1))
}

// giveUp ends the calls at the head of the queue that cannot be answered in time any
// more, so that those behind them can. w is who would run them. While only one call
// waits, it gets what can be had. The lock is held.
func (b *Batcher[In, Out]) giveUp(w *worker[In, Out], now time.Time) {
	for b.queue.items > 0 {
		t := b.queue.head()
		if len(t.waiting) == b.queue.items || !b.late(t, w, now) {
			return
		}
		b.end(t.call, ErrTooLate)
	}
}

// late reports whether a call would be too late even if w and all others ran nothing
// else from now on, and twice as fast as was measured.
func (b *Batcher[In, Out]) late(t *ticket[call[In, Out]], w *worker[In, Out], now time.Time) bool {
	if t.call.deadline.IsZero() {
		return false
	}
	need := float64(t.waiting[0].size) * w.speed.perUnit()
	if rate := b.rate(); rate > 0 {
		need = max(need, float64(t.cost)/rate)
	}
	return need/2 > float64(t.call.timeLeft(now))
}
