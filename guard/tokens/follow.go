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

// Look counts the pieces that are settled.
func (f *follower) Look(ctx context.Context, raw string) (guard.Sight, error) {
	b := budget{ctx: ctx, left: refill}
	for settled := f.read + settledIn(raw[f.read:]); f.read < settled; {
		end := pieceEnd(raw, f.read)
		if end > settled {
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

// settledIn returns where the white space begins that some characters before the
// end of text, or that end itself, stand in. A piece that ends no later ends there
// whatever follows: to find its end pieceEnd looks no further than one run of white
// space and one contraction behind it.
func settledIn(text string) int {
	const ahead = utf8.UTFMax // a character, or an apostrophe with two letters
	end := len(text) - ahead
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	for end > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:end])
		if c := classOf(r); c != space && c != newline && r != '\r' && r != '\n' {
			break
		}
		end -= size
	}
	return max(end, 0)
}
