package batching

import (
	"context"
	"time"
)

// Timing is where the time of a call went. DoAll has written it when it returns.
type Timing struct {
	Queued time.Duration // until the first item ran, or the call ended without
	Ran    time.Duration // from then on
}

type timingKey struct{}

// WithTiming returns a context whose call of DoAll writes t. It is for one call.
func WithTiming(ctx context.Context, t *Timing) context.Context {
	return context.WithValue(ctx, timingKey{}, t)
}

// tell writes the timing of a call that ends now, if anybody asked. The lock is held.
func (c *call[In, Out]) tell() {
	if c.timing == nil {
		return
	}
	now := time.Now()
	if c.begun.IsZero() {
		c.begun = now
	}
	*c.timing = Timing{Queued: c.begun.Sub(c.arrived), Ran: now.Sub(c.begun)}
}
