package guard

import (
	"context"
	"time"
)

// reserve is what is kept back of a request's time, so that a check that is too slow
// becomes a timed-out check with a verdict that still arrives.
type reserve struct {
	deadline time.Time     // of the request; zero: it has none
	kept     time.Duration // before the deadline
}

// reserve keeps at most a tenth of what is left, so that short deadlines keep most of
// their time.
func (e *Engine) reserve(ctx context.Context) reserve {
	at, ok := ctx.Deadline()
	if !ok {
		return reserve{kept: e.cfg.Reserve}
	}
	return reserve{at, min(e.cfg.Reserve, time.Until(at)/10)}
}

// again is for who looks once more when a part of the time has gone, that of the reserve
// perhaps: half of what is left is kept. A tenth of little would be too little for a verdict
// to arrive in.
func (r reserve) again() reserve {
	if !r.deadline.IsZero() {
		r.kept = min(r.kept, time.Until(r.deadline)/2)
	}
	return r
}

// stop ends when checks are to end.
func (r reserve) stop(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, r.deadline.Add(-r.kept))
}

// grace is what a check has from now to hand in what it has, once its time is up: until
// half of what is kept is left, however late it is noticed that the time is up.
func (r reserve) grace() time.Duration {
	half := r.kept / 2
	if r.deadline.IsZero() {
		return half
	}
	return min(half, time.Until(r.deadline)-half)
}
