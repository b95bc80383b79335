package pattern

import (
	"cmp"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// longLiterals finds literals of four to eight bytes: whether any may begin somewhere
// by a filter of their first four bytes, and which by a table.
type longLiterals struct {
	// filter has two bits for each hash of four bytes: whether any literal with such
	// a beginning may stand anywhere, and whether one may that begins a word.
	filter [1 << (filterBits - 5)]uint64
	grams  []gram // open addressing; their number is a power of two
	shift  int
	tails  []tail // those of one gram after those of another
	uses   []use  // those of one literal after those of another
}

// filterBits make the filter 16 KiB, and let three of a hundred grams pass that none
// of the built-in literals begin with.
const filterBits = 16

// gram is four bytes, the first one lowest, and the literals that begin with them.
type gram struct {
	bytes    uint32
	first, n uint16 // of tails; n is 0 where the place is free
}

// tail is what a literal has behind its gram, and who wants it.
type tail struct {
	bytes, mask uint32
	first       uint32 // of uses
	n           uint32
}

// use is what a literal is to an expression.
type use struct {
	expression uint32
	fresh      bool
	lead       lead
}

func newLongLiterals(all []literal) *longLiterals {
	slices.SortFunc(all, func(a, b literal) int {
		return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.expression, b.expression))
	})
	size := bits.Len(uint(len(all)))
	l := &longLiterals{grams: make([]gram, 1<<size), shift: 32 - size, uses: make([]use, len(all))}
	for i, lit := range all {
		if i == 0 || lit.text != all[i-1].text {
			l.addTail(lit.text, i)
		}
		l.pass(lit)
		l.tails[len(l.tails)-1].n++
		l.uses[i] = use{expression: lit.expression, fresh: lit.fresh, lead: lead{size: wholeCharacters(lit.text)}}
	}
	return l
}

// addTail adds a literal whose uses begin with the given one.
func (l *longLiterals) addTail(text string, use int) {
	word := wordAt(text, 0)
	g := l.find(uint32(word))
	if g.n == 0 {
		*g = gram{bytes: uint32(word), first: uint16(len(l.tails))}
	}
	g.n++
	mask := uint32(uint64(1)<<(8*(len(text)-gramBytes)) - 1)
	l.tails = append(l.tails, tail{bytes: uint32(word >> 32), mask: mask, first: uint32(use)})
}

// pass lets the literal through the filter.
func (l *longLiterals) pass(lit literal) {
	h, bit := hashOf(uint32(wordAt(lit.text, 0))), uint64(1)
	if lit.fresh {
		bit = 2
	}
	l.filter[h>>5] |= bit << (h & 31 * 2)
}

const golden = 0x9E3779B1

func hashOf(gram uint32) uint32 { return gram * golden >> (32 - filterBits) }

// may reports whether a literal may begin with the four bytes. inWord is 1 behind a
// letter, a digit or an underscore, else 0.
func (l *longLiterals) may(gram uint32, inWord byte) bool {
	h := hashOf(gram)
	return l.filter[h>>5]>>(h&31*2)&(3>>(inWord&1)) != 0
}

// find returns the gram, or the free place that it may have.
func (l *longLiterals) find(bytes uint32) *gram {
	for at := bytes * golden >> l.shift; ; at++ {
		g := &l.grams[at&uint32(len(l.grams)-1)]
		if g.n == 0 || g.bytes == bytes {
			return g
		}
	}
}

// beginningWith returns the literals that begin with the four bytes, by what they have
// behind them.
func (l *longLiterals) beginningWith(bytes uint32) []tail {
	g := l.find(bytes)
	return l.tails[g.first : g.first+g.n]
}

// wordAt returns eight bytes of the text, the first one lowest, and zeros beyond its
// end.
func wordAt(text string, i int) (word uint64) {
	if i+8 <= len(text) {
		t := text[i : i+8]
		return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
			uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
	}
	for k := range len(text) - i {
		word |= uint64(text[i+k]) << (8 * k)
	}
	return word
}

// wholeCharacters returns the bytes of a literal but for a character that it is cut in.
func wholeCharacters(text string) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}
