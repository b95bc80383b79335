package batching

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// Executor runs batches: one session or device. Given several, a call that
// arrives while more than one is idle goes to the one named first.
type Executor[In, Out any] struct {
	// Name tells it apart in errors and metrics; it must be unique.
	Name string
	// InFlight is how many batches it runs at a time, so that filling one overlaps
	// with computing another. On a CPU it is the number of cores to use.
	InFlight int
	// MaxItems is the most items of a batch.
	MaxItems int
	// MaxCost is the most a batch of several items may cost by Cost. An item that
	// alone costs more runs alone.
	MaxCost int

	// Cost returns what a batch costs here, from the number of its items and the
	// largest and the sum of their sizes; see Padded and Packed. It decides what
	// is batched with what: where it leaps, batches stop short. It MUST be pure, quick and never less for more: it is
	// called under the batcher's lock. A Cost that blocks stops every caller, one
	// that panics ends the process.
	Cost func(count, longest, sum int) int

	// Run returns one Out per In, in order. It is called from InFlight goroutines
	// at once. Its context is the batcher's, not a caller's: it ends when every
	// caller of the batch has gone, or when Shutdown has run out of time. Run
	// SHOULD then return early; until it does its slot takes no other batch.
	// Run MUST NOT keep or change items after it returns, as the slice is reused,
	// and MUST return or panic: runtime.Goexit would end its slot. A panic is an
	// error of this batch alone.
	Run func(ctx context.Context, items []In) ([]Out, error)

	// Healthy, if set, is the executor's self-test. After a Run that failed, the
	// executor pulls nothing until its self-test passes. It SHOULD end when its
	// context does, which is after TestLimit. If nil, a failed Run is an error
	// of its batch and nothing else.
	Healthy func(ctx context.Context) error
	// TestEvery is how often an executor that serves is tested beside its batches,
	// so that one whose answers have turned wrong, which no Run reports, is retired
	// as well. 0 is never. Healthy MUST then bear to be called while Run runs.
	TestEvery time.Duration
	// Alone keeps the executor for what comes alone: it takes an item only when no
	// other waits and no executor runs anything. It is for one that answers a lone
	// item sooner than the others by taking what they share, such as every core. Name
	// it before them; while all of them are retired it takes what they would.
	Alone bool
	// TestLimit is how long a self-test may take before it counts as failed, and so
	// how long calls may wait on an executor that is doubted. Less than 5 s is 5 s. It
	// becomes longer for an executor whose tests are slow and pass.
	TestLimit time.Duration
}

// Padded is the Cost of a tensor as long as its longest row. fixed, in the same
// unit, is what a batch costs whatever its size (a kernel launch, a copy): the
// larger it is against a row, the more unequal the rows that are batched. Zero
// suits a CPU, where batching gains nothing and only padding counts.
func Padded(fixed int) func(count, longest, sum int) int {
	return func(count, longest, _ int) int { return fixed + count*longest }
}

// Packed is the Cost of rows laid end to end without padding.
func Packed(fixed int) func(count, longest, sum int) int {
	return func(_, _, sum int) int { return fixed + sum }
}

func (e Executor[In, Out]) limits() limits {
	return limits{maxItems: e.MaxItems, maxCost: e.MaxCost, cost: e.Cost}
}

func (e Executor[In, Out]) validate() error {
	var problem string
	switch {
	case e.Name == "":
		problem = "has no name"
	case e.InFlight < 1:
		problem = "InFlight is below 1"
	case e.MaxItems < 1:
		problem = "MaxItems is below 1"
	case e.MaxCost < 1:
		problem = "MaxCost is below 1"
	case e.Cost == nil:
		problem = "has no Cost"
	case e.Run == nil:
		problem = "has no Run"
	case e.TestEvery < 0:
		problem = "TestEvery is negative"
	case e.TestEvery > 0 && e.Healthy == nil:
		problem = "has a TestEvery and no Healthy"
	default:
		return nil
	}
	return fmt.Errorf("batching: executor %q: %s", e.Name, problem)
}

// validateAll checks each executor and that their names tell them apart.
func validateAll[In, Out any](execs []Executor[In, Out]) error {
	if len(execs) == 0 {
		return errors.New("batching: no executors")
	}
	if !slices.ContainsFunc(execs, func(e Executor[In, Out]) bool { return !e.Alone }) {
		return errors.New("batching: every executor is for what comes alone")
	}
	names := make(map[string]bool, len(execs))
	for _, e := range execs {
		if err := e.validate(); err != nil {
			return err
		}
		if names[e.Name] {
			return fmt.Errorf("batching: two executors are named %q", e.Name)
		}
		names[e.Name] = true
	}
	return nil
}

// run calls Run and makes an error of all that can be wrong with it.
func (e Executor[In, Out]) run(ctx context.Context, items []In) (out []Out, err error) {
	defer e.rescue(&err)
	out, err = e.Run(ctx, items)
	if err != nil {
		return nil, fmt.Errorf("batching: executor %q: %w", e.Name, err)
	}
	if len(out) != len(items) {
		return nil, fmt.Errorf("batching: executor %q: %w: %d for %d items", e.Name, ErrResultCount, len(out), len(items))
	}
	return out, nil
}

// selfTest calls Healthy.
func (e Executor[In, Out]) selfTest(ctx context.Context) (err error) {
	defer e.rescue(&err)
	if err := e.Healthy(ctx); err != nil {
		return fmt.Errorf("batching: executor %q: self-test: %w", e.Name, err)
	}
	return nil
}

// rescue, deferred, turns a panic into an error.
func (e Executor[In, Out]) rescue(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("batching: executor %q: %w", e.Name, &PanicError{Value: v, Stack: debug.Stack()})
	}
}
