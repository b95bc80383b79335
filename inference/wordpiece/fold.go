package wordpiece

import (
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// kind is what a character does to the word that is being read.
type kind uint8

const (
	// dropped characters leave no trace: "a\u00adb" reads "ab".
	dropped kind = iota
	// stripped is a mark of class 0 that is stripped after sorting: it leaves
	// no trace but marks are not sorted across it.
	stripped
	// letter is any character that makes up words, digits and symbols too.
	letter
	// alone is a word of one character: punctuation and ideographs.
	alone
	// space ends a word.
	space
	// several characters come of one: size and place in page.more.
	several
)

// folded is what one character becomes, in 32 bits: a rune (21 bits), a kind (3)
// and the combining class (8). For several: place<<8 | count instead of a rune.
type folded uint32

func fold(k kind, r rune, class uint8) folded {
	return folded(class)<<24 | folded(k)<<21 | folded(r)
}

func (f folded) rune() rune   { return rune(f & 0x1fffff) }
func (f folded) kind() kind   { return kind(f >> 21 & 7) }
func (f folded) class() uint8 { return uint8(f >> 24) }

// page is what 256 characters become.
type page struct {
	folds [256]folded
	more  []folded
}

// folder maps characters as BERT's normalizer does: control characters go,
// white space becomes a space, ideographs stand alone, accents are stripped,
// letters become small. Each page is worked out once, when a text first needs
// it: decomposing costs a hundred times what a look-up does. All pages together
// take 5 MB, which no text can exceed.
type folder struct {
	strip, lower bool
	pages        [(unicode.MaxRune + 1) / 256]atomic.Pointer[page]
}

// page returns the page of r. Two callers may both work it out: they agree.
func (f *folder) page(r rune) *page {
	slot := &f.pages[uint32(r)>>8]
	if p := slot.Load(); p != nil {
		return p
	}
	p := f.work(r &^ 255)
	slot.Store(p)
	return p
}

func (f *folder) work(first rune) *page {
	p := new(page)
	var out []folded
	for i := range p.folds {
		out = f.fold(out[:0], first+rune(i))
		switch len(out) {
		case 0:
		case 1:
			p.folds[i] = out[0]
		default:
			p.folds[i] = fold(several, rune(len(p.more)<<8|len(out)), 0)
			p.more = append(p.more, out...)
		}
	}
	return p
}

// fold appends what r becomes, in the order of the reference: clean, set
// ideographs apart, decompose and strip, lower.
func (f *folder) fold(out []folded, r rune) []folded {
	switch {
	case r == utf8.RuneError || unicode.Is(removed, r): // U+0085 too, white space elsewhere
		return append(out, fold(dropped, 0, 0))
	case unicode.IsSpace(r):
		return append(out, fold(space, ' ', 0))
	}
	k := letter
	if ideograph(r) {
		k = alone
	}
	if !f.strip {
		return f.small(out, k, r)
	}
	for _, d := range decompose(r) {
		switch {
		case !unicode.Is(marks, d):
			out = f.small(out, k, d)
		case norm.NFD.PropertiesString(string(d)).CCC() == 0:
			out = append(out, fold(stripped, 0, 0))
		}
	}
	return out
}

// small appends r in lower case, if the model wants it so. One capital becomes
// two characters: the dotted I of Turkish, where its dot was not stripped.
func (f *folder) small(out []folded, k kind, r rune) []folded {
	const dottedI, dot = 'İ', '\u0307'
	switch {
	case !f.lower:
	case r == dottedI:
		return append(out, f.file('i', k), f.file(dot, k))
	default:
		r = lowerCase(r)
	}
	return append(out, f.file(r, k))
}

// file gives a character its kind and, where marks are sorted, its class.
func (f *folder) file(r rune, k kind) folded {
	if r < utf8.RuneSelf && ascii[r] == punctuationByte || unicode.Is(punctuation, r) {
		k = alone
	}
	if !f.strip {
		return fold(k, r, 0)
	}
	return fold(k, r, classOf(r))
}

func classOf(r rune) uint8 {
	for _, c := range keptClass {
		if c.first <= r && r <= c.last {
			return c.class
		}
	}
	return 0
}

func lowerCase(r rune) rune {
	for _, c := range lateLower {
		if c.first <= r && r <= c.last {
			return c.lower + r - c.first
		}
	}
	return unicode.ToLower(r)
}

// decompose returns the canonical decomposition of r by Unicode 9, which the
// reference has. Later versions only added decompositions, of characters that
// are newer: those stay whole.
func decompose(r rune) string {
	for _, c := range [...][2]rune{
		{0x105c9, 0x105e4}, {0x11383, 0x113c8}, {0x11938, 0x11938}, {0x16121, 0x16128}, {0x16d68, 0x16d6a},
	} {
		if c[0] <= r && r <= c[1] {
			return string(r)
		}
	}
	return norm.NFD.String(string(r))
}

// ideograph reports whether BERT sets spaces round r. The last block but two is
// written 2B920 where 2B820 was meant, in the original and since: models have
// learnt it so.
func ideograph(r rune) bool {
	return 0x4e00 <= r && r <= 0x9fff || 0x3400 <= r && r <= 0x4dbf ||
		0x20000 <= r && r <= 0x2a6df || 0x2a700 <= r && r <= 0x2b73f ||
		0x2b740 <= r && r <= 0x2b81f || 0x2b920 <= r && r <= 0x2ceaf ||
		0xf900 <= r && r <= 0xfaff || 0x2f800 <= r && r <= 0x2fa1f
}
