package pattern

import (
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

// subjects are the views of one text, by View.
type subjects [viewCount]subject

// subject is one view of a text, with what was measured on it so far.
type subject struct {
	text   string
	begins [][]uint32 // by expression: where what it begins with stands
	seen   []bool     // by number of a needed set: whether one of it is there
	digits int        // how many, plus one; 0: not counted
	ascii  int        // 2 if it is, 1 if it is not; 0: not looked at
	hidden int        // 2 if it has control characters, 1 if not; 0: not looked at
}

// hasDigits reports whether some stretch of so many bytes has so many digits.
func (s *subject) hasDigits(count, bytes int) bool {
	if s.digits == 0 {
		s.digits = 1
		for i := range len(s.text) {
			if isDigit(s.text[i]) {
				s.digits++
			}
		}
	}
	if s.digits-1 < count {
		return false
	}
	in := 0
	for i := range len(s.text) {
		if isDigit(s.text[i]) {
			in++
		}
		if i >= bytes && isDigit(s.text[i-bytes]) {
			in--
		}
		if in >= count {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c-'0' < 10 }

func (s *subject) isASCII() bool {
	if s.ascii == 0 {
		s.ascii = 2
		for i := range len(s.text) {
			if s.text[i] >= utf8.RuneSelf {
				s.ascii = 1
				break
			}
		}
	}
	return s.ascii == 2
}

// hasControl reports whether the text holds control characters other than white
// space.
func (s *subject) hasControl() bool {
	if s.hidden == 0 {
		s.hidden = 1
		for i := range len(s.text) {
			if c := s.text[i]; c <= '\b' || 0x0E <= c && c <= 0x1F {
				s.hidden = 2
				break
			}
		}
	}
	return s.hidden == 2
}

// span returns where [start, end) of the view stands in the text as received.
func (v View) span(t *guard.Text, start, end int) guard.Span {
	switch v {
	case Folded:
		return t.Folded.Span(start, end)
	case Clean:
		return t.Clean.Span(start, end)
	default:
		return t.RawSpan(start, end)
	}
}
