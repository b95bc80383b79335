package memory

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// Gauge knows whether what is alive in Go's heap has come near to the limit. It is safe
// for concurrent use.
type Gauge struct {
	limit       int64
	start       int64 // what was alive when it was made
	tight, full atomic.Bool
}

// NewGauge returns a gauge that has not looked yet, and so is not full. What is alive now
// is what the service needs to stand still: tight is measured from there, so what is not is
// collected first. Limit 0 is none.
func NewGauge(limit int64) *Gauge {
	g := &Gauge{limit: limit}
	if limit > 0 {
		runtime.GC()
		g.start = alive()
	}
	return g
}

// Limit is what the gauge was made with.
func (g *Gauge) Limit() int64 { return g.limit }

// Full tells what was seen at the last look. It costs next to nothing.
func (g *Gauge) Full() bool { return g.full.Load() }

// How much of the room between the start and full is tight, how near to the limit is full,
// and how far below it there is room again, in hundredths. What is alive is known when a collection ends, and the next may begin as late as at the
// limit itself: the quarter above is for what comes meanwhile.
const (
	tightAt = 33
	fullAt  = 75
	roomAt  = 65
	percent = 100
)

// Look reads what was alive when the last collection ended. The page cache, stacks and what
// models have outside Go do not count.
func (g *Gauge) Look() {
	if g.limit <= 0 {
		return
	}
	g.see(alive())
}

// alive is 0 before the first collection.
func alive() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

func (g *Gauge) see(alive int64) {
	at := int64(fullAt)
	if g.full.Load() {
		at = roomAt
	}
	g.full.Store(alive >= g.limit/percent*at)
	g.tight.Store(alive >= g.start+max(0, g.limit/percent*fullAt-g.start)/percent*tightAt)
}

// How often Run looks, and how long it gives relief to show.
const (
	lookEvery = 50 * time.Millisecond
	patience  = 200 * time.Millisecond
)

// Run looks until ctx ends. While memory is tight it calls squeeze, which must be quick, at
// each look. When memory has become full it calls relieve; while it stays full it has
// collected what was let go, as nothing else may, and calls relieve, a few times a second,
// until there is room again.
func (g *Gauge) Run(ctx context.Context, squeeze, relieve func()) {
	if g.limit <= 0 {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			before := g.Full()
			g.Look()
			if g.tight.Load() {
				squeeze()
			}
			if g.Full() && !before { // seen by a collection that has just ended
				relieve()
			} else if g.Full() && now.Sub(last) >= patience {
				g.help(relieve)
				last = time.Now()
			}
		}
	}
}

func (g *Gauge) help(relieve func()) {
	runtime.GC()
	if g.Look(); g.Full() {
		relieve()
	}
}
