package guard

import "context"

type enoughTokensKey struct{}

// WithEnoughTokens tells checks how far it is worth counting, as a deadline tells them
// how long: a text of more than n tokens is blocked, whatever else is in it. This is
// the one thing that a check may know of a policy.
func WithEnoughTokens(ctx context.Context, n int) context.Context {
	return context.WithValue(ctx, enoughTokensKey{}, n)
}

// EnoughTokens returns the number of tokens beyond which a check may stop counting; ok
// is false if it must count them all. A check that stops returns ErrEnough, the share
// of the text that it read, and as Tokens any number above the limit that the text
// has at least.
func EnoughTokens(ctx context.Context) (n int, ok bool) {
	n, ok = ctx.Value(enoughTokensKey{}).(int)
	return n, ok
}
