package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Closed keeps so many texts under way: when one is answered the next is sent. It finds
// out how much a service can do. Its latencies are those of a service kept that busy.
type Closed struct {
	Call  Call
	Texts []string // sent in turn
	Calls int      // under way
}

// Run sends for as long, and waits for what is under way then.
func (c Closed) Run(ctx context.Context, duration time.Duration) *Tally {
	began := time.Now()
	return c.while(ctx, began, func(int) bool { return time.Since(began) < duration })
}

// Once sends every text once, so that two services have done the same work.
func (c Closed) Once(ctx context.Context) *Tally {
	return c.while(ctx, time.Now(), func(next int) bool { return next < len(c.Texts) })
}

// while sends text after text as long as more says so of the number of the next.
func (c Closed) while(ctx context.Context, began time.Time, more func(next int) bool) *Tally {
	t := newTally()
	var all sync.WaitGroup
	var count atomic.Int64
	for range c.Calls {
		all.Go(func() {
			for {
				next := int(count.Add(1)) - 1
				if !more(next) || ctx.Err() != nil {
					return
				}
				text, sent := next%len(c.Texts), time.Now()
				outcome := c.Call(ctx, c.Texts[text])
				t.add(Sample{Text: text, Due: sent.Sub(began), Took: time.Since(sent), Outcome: outcome})
			}
		})
	}
	all.Wait()
	t.Elapsed = time.Since(began)
	return t
}

// Open sends at a constant rate, whatever becomes of the texts before. A latency counts
// from the moment at which its text was due, so a service that stalls is charged for all
// who would have come meanwhile (there is no coordinated omission), and a generator that
// is behind charges itself.
type Open struct {
	Call     Call
	Texts    []string      // sent in turn
	Rate     float64       // a second
	Deadline time.Duration // of each text, from when it is due; 0 is none
}

// Run sends for as long, and waits for what is under way then.
func (o Open) Run(ctx context.Context, duration time.Duration) *Tally {
	t, began := newTally(), time.Now()
	var all sync.WaitGroup
	for i := 0; ; i++ {
		due := time.Duration(float64(i) / o.Rate * float64(time.Second))
		if due >= duration || ctx.Err() != nil {
			break
		}
		time.Sleep(time.Until(began.Add(due)))
		all.Go(func() {
			text := i % len(o.Texts)
			outcome := o.one(ctx, o.Texts[text], began.Add(due))
			t.add(Sample{Text: text, Due: due, Took: time.Since(began.Add(due)), Outcome: outcome})
		})
	}
	all.Wait()
	t.Elapsed = max(duration, time.Since(began)) // answers that come later count as work of the time they took
	return t
}

func (o Open) one(ctx context.Context, text string, due time.Time) Outcome {
	if o.Deadline > 0 {
		late, cancel := context.WithDeadline(ctx, due.Add(o.Deadline))
		defer cancel()
		ctx = late
	}
	return o.Call(ctx, text)
}
