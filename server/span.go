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
