package server

import (
	"slices"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// pointMap tells how many code points of a text come before a byte offset.
type pointMap map[int]int

// codePoints maps the ends of all spans in one pass over the text: counting from
// the start for each finding would make a text of many findings quadratic.
func codePoints(text string, fs []guard.Finding) pointMap {
	offsets := make([]int, 0, 2*len(fs))
	for _, f := range fs {
		if f.Span != nil {
			offsets = append(offsets, f.Span.Start, f.Span.End)
		}
	}
	slices.Sort(offsets)
	m := make(pointMap, len(offsets))
	from, points := 0, 0
	for _, to := range offsets {
		points += utf8.RuneCountInString(text[from:to])
		m[to], from = points, to
	}
	return m
}

// span maps a span whose ends are in the map; nil is the whole text.
func (m pointMap) span(s *guard.Span) *pb.Span {
	if s == nil {
		return nil
	}
	return &pb.Span{
		StartByte: uint32(s.Start), EndByte: uint32(s.End),
		StartCodepoint: uint32(m[s.Start]), EndCodepoint: uint32(m[s.End]),
	}
}

// pointIndex tells how many code points of a growing text come before a byte. It
// counts each stretch of the text once, and a part of one again for each question.
type pointIndex struct{ before []int } // by stretch

const stretch = 1 << 10 // bytes

// at counts the code points that begin before the byte i of text, which begins with
// the text of the call before.
func (x *pointIndex) at(text string, i int) int {
	if len(x.before) == 0 {
		x.before = append(x.before, 0)
	}
	for n := len(x.before); n <= i/stretch; n++ {
		x.before = append(x.before, x.before[n-1]+pointsIn(text[(n-1)*stretch:n*stretch]))
	}
	return x.before[i/stretch] + pointsIn(text[i/stretch*stretch:i])
}

func pointsIn(s string) (n int) {
	for i := range len(s) {
		if utf8.RuneStart(s[i]) {
			n++
		}
	}
	return n
}
