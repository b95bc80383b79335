package batching

import "context"

// Flow says on whose behalf a call is made, so that the executors can be shared out.
// The zero Flow is right where there is nothing to tell apart.
type Flow struct {
	// Key names who shares, such as a principal: however many calls a key has
	// waiting, they get the share of one, by cost. Inside a key the earliest deadline
	// goes first. Calls without a key are one flow like any other, whose room in the
	// queue is not bounded.
	Key string
	// Weight is how many times the share of others the flow gets; below 1 is 1,
	// above maxWeight is maxWeight. Calls of one Key should agree on it: the latest
	// counts.
	Weight int
	// Priority tells those who wait for an answer from those who do not.
	Priority Priority
}

// Priority is a class of flows. The zero value is the higher one.
type Priority uint8

const (
	// Interactive flows go first.
	Interactive Priority = iota
	// Bulk flows take what interactive ones leave, and one part in bulkShare of the
	// cost while interactive ones wait, so that they are slow but never starved.
	Bulk

	priorities
)

// bulkShare is one in how many parts of the cost goes to bulk flows while interactive
// ones wait as well.
const bulkShare = 8

// maxWeight keeps a weight from shutting everyone else out.
const maxWeight = 100

type flowKey struct{}

// WithFlow returns a context whose calls of DoAll belong to f.
func WithFlow(ctx context.Context, f Flow) context.Context {
	return context.WithValue(ctx, flowKey{}, f)
}

// FlowFrom returns the flow set by WithFlow, or the zero Flow, with weight and
// priority brought into their bounds.
func FlowFrom(ctx context.Context) Flow {
	f, _ := ctx.Value(flowKey{}).(Flow)
	f.Weight = min(max(f.Weight, 1), maxWeight)
	f.Priority = min(f.Priority, Bulk)
	return f
}
