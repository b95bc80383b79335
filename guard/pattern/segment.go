package pattern

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

const (
	// ahead is how far behind a match a validator looks, and how much of the end of
	// a view what follows may still change: the last character and its marks.
	ahead = 128
	// before is how far in front of a match a validator looks.
	before = 128
	// around is how much of a view decides how a payload in it is read.
	around = 1 << 10
)

// segment is a part of a growing text, up to its end so far, and what was found
// in it.
type segment struct {
	text   *guard.Text
	plain  []guard.Finding   // in the text as it stands
	hidden []guard.Finding   // in payloads
	rest   []guard.Finding   // that there are more payloads than are read
	judged map[string]string // by rule: its validator
	blocks []guard.Span      // plain findings that overlap, taken together, in order
}

// join makes the blocks.
func (s *segment) join() {
	for _, f := range s.plain {
		s.blocks = append(s.blocks, *f.Span)
	}
	slices.SortFunc(s.blocks, func(a, b guard.Span) int { return cmp.Compare(a.Start, b.Start) })
	n := 0
	for _, b := range s.blocks {
		if n > 0 && b.Start < s.blocks[n-1].End {
			s.blocks[n-1].End = max(s.blocks[n-1].End, b.End)
			continue
		}
		s.blocks[n] = b
		n++
	}
	s.blocks = s.blocks[:n]
}

// inside reports whether a finding reaches over the byte.
func (s *segment) inside(at int) bool { return s.outside(at) < at }

// outside returns at, or the start of the block that reaches over it.
func (s *segment) outside(at int) int {
	i, _ := slices.BinarySearchFunc(s.blocks, at, func(b guard.Span, at int) int { return cmp.Compare(b.End, at+1) })
	if i < len(s.blocks) && s.blocks[i].Start < at {
		return s.blocks[i].Start
	}
	return at
}

// settled returns the byte before which no finding can begin any more, and none
// that begins there can change: a match and what is looked at behind it have their
// room, no word is open in which a validator could go back, no finding and no payload
// is.
func (s *segment) settled() int {
	at := min(s.back(len(s.text.Raw)+s.text.Base, MaxMatch+ahead), s.text.PayloadsOpen())
	for _, f := range s.plain {
		if f.Span.Start < at && s.open(f) {
			at = f.Span.Start
		}
	}
	return lowest(at, func(at int) int { return s.outside(s.wordStart(s.text.PayloadsAround(at))) })
}

// lowest goes back by steps until one leads nowhere.
func lowest(at int, back func(int) int) int {
	for {
		next := back(at)
		if next >= at {
			return at
		}
		at = next
	}
}

// next returns where the next segment begins: before what is settled by what is
// looked at in front of a match and the match that led to a finding, in the midst
// of no word, of no payload and of nothing that was found, and where views can begin.
func (s *segment) next(settled int) int {
	at := s.back(settled, max(MaxMatch+before, around))
	for _, b := range slices.Backward(s.blocks) {
		if at < b.End {
			at = min(at, s.back(b.Start, MaxMatch))
		}
	}
	at = lowest(at, func(at int) int { return s.wordStart(s.text.PayloadsAround(at)) })
	return s.text.Base + guard.SegmentStart(s.text.Raw, at-s.text.Base)
}

// back returns the byte of the text that lies n bytes of each view before at, or
// the start of the segment.
func (s *segment) back(at, n int) int {
	to := max(at-s.text.Base-n, 0)
	for to > 0 && to < len(s.text.Raw) && !utf8.RuneStart(s.text.Raw[to]) {
		to--
	}
	to += s.text.Base
	for _, v := range []guard.View{s.text.Clean, s.text.Folded} {
		to = min(to, s.received(v, v.Offset(at)-n))
	}
	return to
}

// received returns where byte i of a view comes from.
func (s *segment) received(v guard.View, i int) int {
	if i <= 0 {
		return s.text.Base
	}
	for !utf8.RuneStart(v.Text[i]) {
		i--
	}
	_, size := utf8.DecodeRuneInString(v.Text[i:])
	return v.Span(i, i+size).Start
}

// wordStart returns the start of the word that at stands in or ends, of whatever
// validators go through without end: the characters of addresses and tokens, and
// the authority of a URL with its scheme.
func (s *segment) wordStart(at int) int {
	clean := s.text.Clean
	i := clean.Offset(at)
	start := i
	if j := strings.LastIndex(clean.Text[:min(len(clean.Text), i+len(authority)-1)], authority); j >= 0 && authorityEnd(clean.Text, j) > i {
		start = j
	}
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(clean.Text[:start])
		if !alphanumeric(r) && !strings.ContainsRune("._%+-'@", r) {
			break
		}
		start -= size
	}
	if start == i {
		return at
	}
	return min(at, s.received(clean, start))
}

// authority is what it begins with in a URL.
const authority = "://"

// authorityEnd returns the end of the authority that begins at i, as far as
// credentials are looked for in it.
func authorityEnd(text string, i int) int {
	for i += len(authority); i < len(text) && text[i] > ' ' && strings.IndexByte("/?\"'`<>", text[i]) < 0; {
		i++
	}
	return i
}
