package main

import (
	"context"
	"errors"
	"io"
	"math"
	"sync"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/inference"
)

var errStruck = errors.New("struck")

// breaker makes one part of the service fail, in one of the ways that any part can. It is
// put around the part where the service joins it to the next one.
type breaker struct {
	mu     sync.Mutex
	fault  string        // empty: the part works
	healed chan struct{} // closed when it works again
}

func (b *breaker) strike(fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault, b.healed = fault, make(chan struct{})
}

func (b *breaker) heal() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault != "" {
		b.fault = ""
		close(b.healed)
	}
}

func (b *breaker) now() (fault string, healed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fault, b.healed
}

// through has a part work as well as it can. A part that hangs hears no context: it is
// the worst that one can do.
func through[T any](b *breaker, work func() (T, error), wrong func(T) T) (T, error) {
	var nothing T
	fault, healed := b.now()
	switch fault {
	case "error", "full disk":
		return nothing, errStruck
	case "panic":
		panic("struck")
	case "hang":
		<-healed
	case "slow":
		time.Sleep(20 * time.Millisecond)
	case "wrong answer":
		out, err := work()
		return wrong(out), err
	}
	return work()
}

// brokenCheck is a check of the service, as good as its breaker lets it be.
type brokenCheck struct {
	guard.Check
	breaker *breaker
}

func (c brokenCheck) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	return through(c.breaker, func() (guard.Inspection, error) { return c.Check.Inspect(ctx, t) }, impossible)
}

func (c brokenCheck) Follow() guard.Follower {
	return brokenFollower{c.Check.(guard.Grower).Follow(), c.breaker} //nolint:forcetypeassert // those that are broken are
}

type brokenFollower struct {
	guard.Follower
	breaker *breaker
}

func (f brokenFollower) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	return through(f.breaker, func() (guard.Inspection, error) { return f.Follower.Inspect(ctx, t) }, impossible)
}

func (f brokenFollower) Look(ctx context.Context, raw string) (guard.Sight, error) {
	return through(f.breaker, func() (guard.Sight, error) { return f.Follower.Look(ctx, raw) }, func(s guard.Sight) guard.Sight {
		s.Found = []guard.Finding{{Score: math.NaN()}}
		return s
	})
}

// impossible is what no text can have: nothing was found, at a place that is not there.
func impossible(in guard.Inspection) guard.Inspection {
	in.Findings = []guard.Finding{{Rule: "odd", Score: math.NaN(), Span: &guard.Span{Start: -1, End: 1 << 30}}}
	return in
}

// broken is a Runner, as good as its breaker lets it be. Wrong is a row too few.
func (b *breaker) runner(run inference.Runner) inference.Runner {
	return func(ctx context.Context, windows []inference.Encoding) ([][]float32, error) {
		return through(b, func() ([][]float32, error) { return run(ctx, windows) }, func(rows [][]float32) [][]float32 { return rows[:max(len(rows)-1, 0)] })
	}
}

// brokenBackend is a device, as good as its breaker lets it be. Wrong is the opposite of
// what it should say, which nobody can see.
type brokenBackend struct {
	inference.Backend
	breaker *breaker
}

func (b brokenBackend) Run(ctx context.Context, batch []inference.Encoding) ([][]float32, error) {
	fault, _ := b.breaker.now()
	return through(b.breaker, func() ([][]float32, error) {
		rows, err := b.Backend.Run(ctx, batch)
		if fault == "no numbers" {
			each(rows, func(float32) float32 { return float32(math.NaN()) })
		}
		return rows, err
	}, func(rows [][]float32) [][]float32 { return each(rows, func(v float32) float32 { return -v }) })
}

func each(rows [][]float32, change func(float32) float32) [][]float32 {
	for _, row := range rows {
		for i := range row {
			row[i] = change(row[i])
		}
	}
	return rows
}

// brokenLog is where the log goes, as good as its breaker lets it be.
type brokenLog struct {
	breaker breaker
	mu      sync.Mutex
	lines   int
}

func (l *brokenLog) Write(p []byte) (int, error) {
	return through(&l.breaker, func() (int, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lines++
		return len(p), nil
	}, func(int) int { return 0 })
}

func (l *brokenLog) written() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines
}

var _ io.Writer = (*brokenLog)(nil)
