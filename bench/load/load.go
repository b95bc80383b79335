// Package load sends texts to a service and measures what becomes of them: as fast as
// they are answered (Closed), or at a rate that does not care (Open).
package load

import (
	"context"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Call sends one text and waits for what becomes of it, no longer than ctx. It is safe
// for concurrent use.
type Call func(ctx context.Context, text string) Outcome

// Outcome is what became of a text. The zero one is no answer.
type Outcome uint8

// The outcomes.
const (
	Failed  Outcome = iota // an error that is none of the others
	Judged                 // a verdict, with the model's whole answer in it
	Unseen                 // a verdict, but the model has not seen all of the text
	Refused                // told to come later
	Late                   // not answered in time
	outcomes
)

var outcomeNames = [outcomes]string{"failed", "judged", "unseen", "refused", "late"}

// String names the outcome.
func (o Outcome) String() string { return outcomeNames[o] }

// Sample is one text.
type Sample struct {
	Text    int           // its place among those that are sent in turn
	Due     time.Duration // after the beginning
	Took    time.Duration // from when it was due
	Outcome Outcome
}

// Tally is what became of the texts of one run.
type Tally struct {
	Count   [outcomes]int
	Elapsed time.Duration
	Samples []Sample // in the order in which they ended
	latency *hdrhistogram.Histogram
	mu      sync.Mutex
}

// The latencies that are told apart: to three digits between a microsecond and two minutes.
const (
	longest = int64(2 * time.Minute / time.Microsecond)
	digits  = 3
)

func newTally() *Tally { return &Tally{latency: hdrhistogram.New(1, longest, digits)} }

func (t *Tally) add(s Sample) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Count[s.Outcome]++
	if s.Outcome == Judged {
		_ = t.latency.RecordValue(min(max(s.Took.Microseconds(), 1), longest)) // within its range
	}
	t.Samples = append(t.Samples, s)
}

// Rate is how many texts were judged a second.
func (t *Tally) Rate() float64 { return float64(t.Count[Judged]) / t.Elapsed.Seconds() }

// Sent is how many texts there were.
func (t *Tally) Sent() (n int) {
	for _, c := range t.Count {
		n += c
	}
	return n
}

// Latency is that of judged texts at a percentile, from 0 to 100.
func (t *Tally) Latency(percentile float64) time.Duration {
	return time.Duration(t.latency.ValueAtPercentile(percentile)) * time.Microsecond
}
