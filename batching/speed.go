package batching

import "time"

const (
	// smoothing is how many batches a measurement takes to fade.
	smoothing = 8
	// unmeasured is the drain time while no executor has run anything.
	unmeasured = time.Second
	// Estimates outside these say more than is known.
	shortestDrain, longestDrain = time.Millisecond, time.Minute
)

// speed is how long one slot takes for a unit of size, averaged over its
// executor's last batches. Zero is not measured.
type speed struct{ perUnit float64 }

// measure learns from one batch.
func (s *speed) measure(size int, took time.Duration) {
	sample := float64(max(took, 1)) / float64(size)
	if s.perUnit == 0 {
		s.perUnit = sample
		return
	}
	s.perUnit += (sample - s.perUnit) / smoothing
}

// drainTime estimates how long the executors that serve need for what is
// queued. What they run at the moment is not counted. The lock is held.
func (b *Batcher[In, Out]) drainTime() time.Duration {
	var rate float64 // units per nanosecond
	for _, w := range b.workers {
		if w.state == serving && w.speed.perUnit > 0 {
			rate += float64(w.InFlight) / w.speed.perUnit
		}
	}
	if rate == 0 {
		return unmeasured
	}
	drain := min(float64(b.queue.cost)/rate, float64(longestDrain))
	return max(time.Duration(drain), shortestDrain)
}
