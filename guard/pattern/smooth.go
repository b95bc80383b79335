package pattern

import (
	"sort"
	"unsafe"
)

// smoothed is a folded text as somebody reads it who does not see what is put
// between its words, and in them: emphasis, quotation marks, comment leaders, tags,
// the seams of strings that are joined. Such marks become the space that they stand
// for, or nothing; between words they are read that way only where a space or a tag
// is among them, so that a name in a program stays one word.
//
// What becomes of a mark hangs on itself and its neighbours alone, so that a text
// reads the same from wherever one begins. Its memory serves the next text.
type smoothed struct {
	folded string
	text   []byte
	gaps   []gap // in order
	done   int   // folded[:done] is written
}

// gap is a run of marks that was read as a space or as nothing. Between gaps the
// text is the folded one, byte by byte.
type gap struct {
	at, next   uint32 // where the text goes on behind it, in the text and in the folded one
	start      uint32 // where the marks begin in the folded text
	suspicions uint32 // of this one and those before
}

// What a gap is worth, and what it takes to doubt that a text is written as anybody
// writes: the end of a sentence, or a quotation mark, may part the words of an attack
// by accident.
const (
	ofProse  = 1
	ofMarks  = 2
	doubtful = 2
)

// read smooths a folded text, and reports whether that makes another text of it.
func (s *smoothed) read(folded string) bool {
	s.folded, s.text, s.gaps, s.done = folded, s.text[:0], s.gaps[:0], 0
	for i := nextMark(folded, 0); i < len(folded); i = nextMark(folded, i) {
		if end := s.usual(i); end > 0 {
			i = end
			continue
		}
		m := marksAt(folded, i)
		if out, worth := m.meaning(folded); worth > 0 {
			s.put(m, out, worth)
		}
		i = m.end
	}
	if len(s.gaps) == 0 {
		return false
	}
	s.text = append(s.text, folded[s.done:]...)
	return true
}

// usual reads a sign of prose at i that stands between two letters, or behind a letter and
// before a space and another one, as most do, and returns where it ends; 0 if there is
// something else. It is a short way to what marks.meaning says of these.
func (s *smoothed) usual(i int) (end int) {
	text := s.folded
	if kindOfByte[text[i]] != ordinary || i == 0 || i+2 >= len(text) || !isLetter(text[i-1]) {
		return 0
	}
	switch {
	case isLetter(text[i+1]):
		return i + 1
	case text[i+1] != ' ' || !isLetter(text[i+2]):
		return 0
	case partsClauses(text[i : i+2]):
		s.put(marks{start: i, end: i + 2}, " ", ofMarks)
	default:
		s.put(marks{start: i, end: i + 2}, " ", ofProse)
	}
	return i + 2
}

func isLetter(c byte) bool { return c-'a' < 26 }

// put writes what stands before the marks, and what they mean.
func (s *smoothed) put(m marks, out string, worth uint32) {
	s.text = append(append(s.text, s.folded[s.done:m.start]...), out...)
	s.done = m.end
	if n := len(s.gaps); n > 0 {
		worth += s.gaps[n-1].suspicions
	}
	s.gaps = append(s.gaps, gap{uint32(len(s.text)), uint32(m.end), uint32(m.start), worth})
}

// string returns the text, which holds until the next one is read.
func (s *smoothed) string() string {
	return unsafe.String(unsafe.SliceData(s.text), len(s.text)) //nolint:gosec // a copy would cost an allocation a text
}

// place returns where a match in the text stands in the folded one. It is not ok if
// the text is written there as anybody writes, or if the match is longer there than
// any may be.
func (s *smoothed) place(m match) (match, bool) {
	first, last := s.before(m.start), s.before(m.end-1)
	if s.worth(last)-s.worth(first) < doubtful {
		return match{}, false
	}
	at := match{s.source(first, m.start), s.source(last, m.end-1) + 1}
	if next := last + 1; next < len(s.gaps) && int(s.gaps[next].at) == m.end {
		at.end = int(s.gaps[next].start) // the match ends with the space that it is read as
	}
	return at, at.end-at.start <= MaxMatch
}

// before returns the last gap that ends at or before the byte of the text, -1 if
// there is none.
func (s *smoothed) before(i int) int {
	return sort.Search(len(s.gaps), func(k int) bool { return int(s.gaps[k].at) > i }) - 1
}

func (s *smoothed) worth(gap int) uint32 {
	if gap < 0 {
		return 0
	}
	return s.gaps[gap].suspicions
}

// source returns where byte i of the text comes from, which stands behind the gap.
func (s *smoothed) source(gap, i int) int {
	if gap < 0 {
		return i
	}
	return i - int(s.gaps[gap].at) + int(s.gaps[gap].next)
}

// release keeps the memory, unless a long text made it large.
func (s *smoothed) release() {
	const most = 64 << 10
	s.folded = ""
	if cap(s.text) > most {
		s.text, s.gaps = nil, nil
	}
}
