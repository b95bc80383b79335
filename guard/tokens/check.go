package tokens

import (
	"context"

	"github.com/portcullis-ai/portcullis/guard"
)

// Check is the guard.Check "tokens". It reports a count and no findings: which
// count is too high is for the policy to say.
type Check struct{ counter *Counter }

var _ guard.Check = (*Check)(nil)

// New returns the check on counter.
func New(counter *Counter) *Check { return &Check{counter: counter} }

// Name returns "tokens".
func (*Check) Name() string { return "tokens" }

// Inspect counts the tokens of the raw text. If ctx ends first, it returns ctx's
// error with the share of the text that it had read, and no count: part of a count
// would look like a text within its limit.
func (c *Check) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	n, read, err := c.counter.count(ctx, t.Raw, len(t.Raw))
	if err != nil {
		return guard.Inspection{Coverage: float64(read) / float64(len(t.Raw))}, err
	}
	return guard.Inspection{Tokens: &n, Coverage: 1}, nil
}
