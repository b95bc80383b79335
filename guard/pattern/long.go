package pattern

import (
	"cmp"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// longLiterals finds literals of four to eight bytes: whether any may begin somewhere
// by a filter, and which by a table.
type longLiterals struct {
	filter *filter
	grams  []gram   // open addressing; their number is a power of two
	shift  int      // of the hash
	groups []uint32 // where each begins in tails, and their end; the first is not used
	tails  []tail
	uses   []use
	leads  []lead // by use
}

// gram is four bytes, the first one lowest, and the literals that begin with them: one
// group for those of four bytes, and one for those of each bit of fifth.
type gram struct {
	fifth uint64 // bit b%64: some go on with byte b
	bytes uint32
	group uint32 // the first; 0: there is no such gram
}

// tail is what a literal has behind its gram, and who wants it.
type tail struct {
	bytes, mask uint32
	first, n    uint32 // of uses
}

// use is what a literal is to an expression. Two of them fill a line of a cache.
type use struct {
	expression  uint32
	size        uint8 // of the lead
	fresh, weak bool
	sequel      sequel
}

func newLongLiterals(all []literal) *longLiterals {
	slices.SortFunc(all, func(a, b literal) int {
		return cmp.Or(cmp.Compare(a.gram(), b.gram()), cmp.Compare(a.group(), b.group()),
			cmp.Compare(a.text, b.text), cmp.Compare(a.expression, b.expression))
	})
	size := bits.Len(gramsOf(all)) + 1
	l := &longLiterals{
		filter: newFilter(len(all)), grams: make([]gram, 1<<size), shift: 32 - size,
		groups: make([]uint32, 1), uses: make([]use, len(all)), leads: make([]lead, len(all)),
	}
	for i, lit := range all {
		if i == 0 || lit.text != all[i-1].text {
			l.addTail(lit, uint32(i))
		}
		l.filter.pass(lit)
		l.tails[len(l.tails)-1].n++
		l.leads[i].size = len(lit.lead())
		l.uses[i] = use{lit.expression, uint8(l.leads[i].size), lit.fresh, lit.weak, lit.sequel}
	}
	l.groups = append(l.groups, uint32(len(l.tails)))
	return l
}

// gramsOf returns how many the literals, which are in order, begin with.
func gramsOf(all []literal) (n uint) {
	for i := range all {
		if i == 0 || all[i].gram() != all[i-1].gram() {
			n++
		}
	}
	return n
}

func (l literal) gram() uint32 { return uint32(wordAt(l.text, 0)) }

// group orders the literals of a gram.
func (l literal) group() int {
	if len(l.text) == gramBytes {
		return 0
	}
	return 1 + int(l.text[gramBytes]%64)
}

// addTail adds a literal, with the first of its uses. Literals come in the order of
// their grams and groups.
func (l *longLiterals) addTail(lit literal, use uint32) {
	g := l.find(lit.gram())
	if g.group == 0 {
		*g = gram{bytes: lit.gram(), group: uint32(len(l.groups))}
		l.groups = append(l.groups, uint32(len(l.tails)))
	}
	if k := lit.group(); k > 0 && g.fifth>>(k-1)&1 == 0 {
		g.fifth |= 1 << (k - 1)
		l.groups = append(l.groups, uint32(len(l.tails)))
	}
	mask := uint32(uint64(1)<<(8*(len(lit.text)-gramBytes)) - 1)
	l.tails = append(l.tails, tail{bytes: uint32(wordAt(lit.text, 0) >> 32), mask: mask, first: use})
}

const golden = 0x9E3779B1

// find returns the gram, or the free place that it may have.
func (l *longLiterals) find(bytes uint32) *gram {
	for at := bytes * golden >> l.shift; ; at++ {
		g := &l.grams[at&uint32(len(l.grams)-1)]
		if g.group == 0 || g.bytes == bytes {
			return g
		}
	}
}

// beginningWith returns what the literals that begin with the lower four bytes have
// behind them: nothing, or what may begin with the fifth.
func (l *longLiterals) beginningWith(word uint64) (nothing, more []tail) {
	g := l.find(uint32(word))
	if g.group == 0 {
		return nil, nil
	}
	nothing = l.tails[l.groups[g.group]:l.groups[g.group+1]]
	if fifth := uint64(1) << (word >> 32 % 64); g.fifth&fifth != 0 {
		k := int(g.group) + 1 + bits.OnesCount64(g.fifth&(fifth-1))
		more = l.tails[l.groups[k]:l.groups[k+1]]
	}
	return nothing, more
}

// wordAt returns eight bytes of the text, the first one lowest, and zeros beyond its
// end.
func wordAt(text string, i int) (word uint64) {
	if i+8 <= len(text) {
		return wordOf(text[i : i+8])
	}
	for k := range len(text) - i {
		word |= uint64(text[i+k]) << (8 * k)
	}
	return word
}

// wordOf returns the eight bytes of t, the first one lowest.
func wordOf(t string) uint64 {
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
		uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

// lead returns the literal but for a character that it is cut in.
func (l literal) lead() string {
	for i := 0; i < len(l.text); {
		r, size := utf8.DecodeRuneInString(l.text[i:])
		if r == utf8.RuneError && size == 1 {
			return l.text[:i]
		}
		i += size
	}
	return l.text
}
