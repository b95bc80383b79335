package guard

import (
	"fmt"
	"unicode/utf8"
)

// The limits of Prepare, in bytes.
const (
	DefaultMaxRaw    = 1 << 20
	DefaultMaxFolded = 4 << 20
)

// Preparer prepares texts within limits. The zero value has the default ones.
type Preparer struct {
	MaxRaw    int // bytes as received
	MaxFolded int // bytes of each view; NFKC can grow a text elevenfold
}

// Prepare prepares a whole text within the default limits.
//
// Errors wrap ErrTextTooLong or ErrNotUTF8. The work is linear in the text, and
// the views share the text's own bytes as long as they equal it.
func Prepare(raw string) (*Text, error) { return Preparer{}.PrepareAt(raw, 0) }

// PrepareAt prepares a segment of a growing text: spans count from the byte
// base before its first one.
func PrepareAt(raw string, base int) (*Text, error) { return Preparer{}.PrepareAt(raw, base) }

// Prepare prepares a whole text.
func (p Preparer) Prepare(raw string) (*Text, error) { return p.PrepareAt(raw, 0) }

// PrepareAt prepares a segment of a growing text, as the function PrepareAt.
func (p Preparer) PrepareAt(raw string, base int) (*Text, error) {
	if limit := orDefault(p.MaxRaw, DefaultMaxRaw); len(raw) > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTextTooLong, len(raw), limit)
	}
	if !utf8.ValidString(raw) {
		return nil, ErrNotUTF8
	}
	w := newWeaver(raw)
	if limit := orDefault(p.MaxFolded, DefaultMaxFolded); !w.weave(limit) {
		return nil, fmt.Errorf("%w: more than %d bytes when normalised", ErrTextTooLong, limit)
	}
	return &Text{Raw: raw, Clean: w.clean.done(base), Folded: w.folded.done(base), Base: base}, nil
}

func orDefault(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}
