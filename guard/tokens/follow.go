package tokens

import (
	"context"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

var _ guard.Grower = (*Check)(nil)

// Follow counts a text while it is being written.
func (c *Check) Follow() guard.Follower { return &follower{Check: c} }

// follower has counted the pieces of a text as far as nothing that follows can move
// their split points. It clears everything: how many tokens there are says nothing
// about any part of the text.
type follower struct {
	*Check
	tokens, read int
}

// Look counts the pieces that are settled: those whose end was found without looking
// at what may yet come, which is one character, or an apostrophe with two letters.
func (f *follower) Look(ctx context.Context, raw string) (guard.Sight, error) {
	b := budget{ctx: ctx, left: refill}
	for f.read < len(raw) {
		end, seen := f.counter.encoding.end(raw, f.read)
		if seen+utf8.UTFMax > len(raw) {
			break
		}
		n, err := f.counter.piece(&b, raw[f.read:end])
		if err != nil {
			return guard.Sight{}, err
		}
		f.tokens, f.read = f.tokens+n, end
	}
	return guard.Sight{Clear: len(raw), Resume: f.read, Tokens: f.tokens}, nil
}
