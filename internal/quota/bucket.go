// Package quota bounds how much one caller may ask for: how often, how much, and how
// much at a time.
package quota

import (
	"math"
	"time"
)

// Bucket lets Rate units a second through, and up to Burst at once after a rest. Its
// zero value lets everything through. It is not safe for concurrent use.
type Bucket struct {
	Rate  float64 // a second; 0: no limit
	Burst float64 // at least 1
	spent float64 // of Burst; more is a debt
	at    time.Time
}

// Wait is how long until there is something to take: 0 is now.
func (b *Bucket) Wait(now time.Time) time.Duration {
	if b.Rate == 0 {
		return 0
	}
	b.refill(now)
	missing := max(0, b.spent+1-b.Burst)
	return time.Duration(math.Ceil(missing/b.Rate*1000)) * time.Millisecond // up, so that it is enough
}

// Take takes n, which may be more than there is: what is owed is waited for by whoever
// comes next. So what is larger than Burst can be taken at all.
func (b *Bucket) Take(now time.Time, n float64) {
	if b.Rate > 0 {
		b.refill(now)
		b.spent += n
	}
}

// full tells that the bucket is as good as a new one.
func (b *Bucket) full(now time.Time) bool {
	b.refill(now)
	return b.spent == 0
}

// refill forgets what time has given back. A clock that goes backwards gives nothing.
func (b *Bucket) refill(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.spent = max(0, b.spent-passed.Seconds()*b.Rate)
		b.at = now
	}
}
