package batching

import "time"

const (
	// smoothing is how many batches a measurement takes to fade.
	smoothing = 8
	// outlier is how many times slower than usual a batch counts at the most: one
	// that was held up says little of the next.
	outlier = 4
	// unmeasured is the drain time while no executor has run anything.
	unmeasured = time.Second
	// Estimates outside these say more than is known.
	shortestDrain, longestDrain = time.Millisecond, time.Minute
)

// speed is how long one slot takes for a unit of size, averaged over the units of its
// executor's last batches. The zero speed is not measured.
type speed struct{ took, size float64 }

// measure learns from one batch.
func (s *speed) measure(size int, took time.Duration) {
	sample := speed{float64(max(took, 1)), float64(size)}
	if s.size == 0 {
		*s = sample
		return
	}
	sample.took = min(sample.took, outlier*s.perUnit()*sample.size)
	s.took += (sample.took - s.took) / smoothing
	s.size += (sample.size - s.size) / smoothing
}

// perUnit is in nanoseconds, 0 where nothing is measured.
func (s *speed) perUnit() float64 {
	if s.size == 0 {
		return 0
	}
	return s.took / s.size
}

// rate is how much the executors that serve run a nanosecond, all slots together; 0 is
// not measured. The lock is held.
func (b *Batcher[In, Out]) rate() (rate float64) {
	for _, w := range b.workers {
		if w.state == serving && !w.Alone && w.speed.size > 0 {
			rate += float64(w.InFlight) / w.speed.perUnit()
		}
	}
	return rate
}

// drainTime estimates how long the executors that serve need for what is
// queued. What they run at the moment is not counted. The lock is held.
func (b *Batcher[In, Out]) drainTime() time.Duration {
	rate := b.rate()
	if rate == 0 {
		return unmeasured
	}
	return drain(float64(b.queue.cost) / rate)
}

// drain brings a time in nanoseconds within what can be said of it.
func drain(ns float64) time.Duration {
	return max(time.Duration(min(ns, float64(longestDrain))), shortestDrain)
}
