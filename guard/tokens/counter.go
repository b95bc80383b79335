// Package tokens counts the tokens of a text in cl100k_base or o200k_base, as many
// as tiktoken's encode_ordinary makes of it: what looks like a special token, such
// as <|endoftext|>, is ordinary text.
//
// The ranks come with tiktoken-go-loader; splitting and merging are our own,
// because tiktoken-go is quadratic in the longest run without a split point: 8
// seconds for 100,000 letters. Here every text costs at most n log n.
package tokens

import (
	"context"
	"runtime"
	"sync"
)

// budget looks at a context every so many bytes of work: a text may be as long as
// the server lets it be, and its caller may leave.
type budget struct {
	ctx  context.Context
	left int
}

// refill is some milliseconds of work in bytes.
const refill = 1 << 16

// spend takes n bytes off and returns ctx's error if it is time to look.
func (b *budget) spend(n int) error {
	if b.left -= n; b.left > 0 {
		return nil
	}
	b.left = refill
	return b.ctx.Err()
}

// Counter counts tokens. It is safe for concurrent use.
type Counter struct {
	encoding encoding
	ranks    *ranks
	long     sync.Pool // of *longMerge
	// giants holds a place for each piece over keepBytes that is merged now. It takes
	// some 60 bytes of memory a byte, so a hundred callers with a mebibyte each must
	// not do it at once; more than there are cores gains nothing.
	giants chan struct{}
}

// NewCounter reads the vocabulary of an encoding, some 20 ms and 2 MB for
// cl100k_base, twice that for o200k_base. Share the counter.
func NewCounter(cfg Config) (*Counter, error) {
	e, err := encodingNamed(cfg.Encoding)
	if err != nil {
		return nil, err
	}
	r, err := loadRanks(e)
	if err != nil {
		return nil, err
	}
	return &Counter{
		encoding: e,
		ranks:    r,
		long:     sync.Pool{New: func() any { return newLongMerge(r.count()) }},
		giants:   make(chan struct{}, runtime.GOMAXPROCS(0)),
	}, nil
}

// Encoding is the name of the tokens that are counted.
func (c *Counter) Encoding() string { return c.encoding.name }

// Count returns the number of tokens of text. It does not allocate unless a run
// without a split point is longer than scanLimit bytes.
func (c *Counter) Count(text string) int {
	n, _, _ := c.count(context.Background(), text, len(text))
	return n
}

// count returns the number of tokens of text[:read], where read is len(text)
// unless ctx ended, or n passed enough, before. A text never has more tokens than
// bytes.
func (c *Counter) count(ctx context.Context, text string, enough int) (n, read int, err error) {
	b := budget{ctx: ctx, left: refill}
	for read < len(text) && n <= enough {
		end, _ := c.encoding.end(text, read)
		k, err := c.piece(&b, text[read:end])
		if err != nil {
			return n, read, err
		}
		n, read = n+k, end
	}
	return n, read, nil
}

// piece counts the tokens of a piece between two split points. What is no token
// as a whole is cut further where no token can reach across; that leaves little to
// merge of texts without spaces, such as base64.
func (c *Counter) piece(b *budget, piece string) (tokens int, err error) {
	if len(piece) == 1 || c.ranks.of(piece) != none {
		return 1, b.spend(len(piece))
	}
	for len(piece) > 0 && err == nil {
		end, n := c.ranks.apart(piece), 0
		n, err = c.merge(b, piece[:end])
		tokens, piece = tokens+n, piece[end:]
	}
	return tokens, err
}

func (c *Counter) merge(b *budget, piece string) (int, error) {
	if len(piece) <= scanLimit {
		return c.ranks.scan(piece), b.spend(len(piece))
	}
	if len(piece) > keepBytes {
		return c.mergeGiant(b, piece)
	}
	m := c.long.Get().(*longMerge)
	n, err := m.count(b, c.ranks, piece)
	if err == nil {
		c.long.Put(m)
	}
	return n, err
}

// mergeGiant waits for a place and keeps none of the memory.
func (c *Counter) mergeGiant(b *budget, piece string) (int, error) {
	select {
	case c.giants <- struct{}{}:
		defer func() { <-c.giants }()
		return newLongMerge(c.ranks.count()).count(b, c.ranks, piece)
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}
