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

// patience is how many times its limit a text is counted up to: whoever is somewhat
// over it wants to know by how much.
const patience = 8

// Inspect counts the tokens of the raw text. If ctx ends first, it returns ctx's
// error with the share of the text that it had read, and no count: part of a count
// would look like a text within its limit.
//
// Where guard.EnoughTokens says that a limit settles the text, it stops well above it;
// and a text that is over it by its length alone is not read at all, so that one
// which is dear to count costs nothing.
func (c *Check) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	limit, limited := guard.EnoughTokens(ctx)
	if limited && (len(t.Raw)-1)/maxToken >= limit {
		least := limit + 1
		return guard.Inspection{Tokens: &least}, guard.ErrEnough
	}
	enough := len(t.Raw)
	if limited {
		enough = min(enough, limit*patience)
	}
	n, read, err := c.counter.count(ctx, t.Raw, enough)
	switch {
	case err != nil:
		return guard.Inspection{Coverage: float64(read) / float64(len(t.Raw))}, err
	case read < len(t.Raw):
		return guard.Inspection{Tokens: &n, Coverage: float64(read) / float64(len(t.Raw))}, guard.ErrEnough
	}
	return guard.Inspection{Tokens: &n, Coverage: 1}, nil
}
