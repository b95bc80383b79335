package server

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

func TestCodePoints(t *testing.T) {
	text := "aé漢😀z"
	ends := []int{0, 1, 3, 6, 10, 11}
	var fs []guard.Finding
	for _, start := range ends {
		for _, end := range ends {
			if start < end {
				fs = append(fs, guard.Finding{Span: &guard.Span{Start: start, End: end}})
			}
		}
	}
	fs = append(fs, guard.Finding{}) // the whole text
	m := codePoints(text, fs)
	for _, f := range fs {
		got := m.span(f.Span)
		if f.Span == nil {
			if got != nil {
				t.Errorf("got %v for no span", got)
			}
			continue
		}
		start, end := utf8.RuneCountInString(text[:f.Span.Start]), utf8.RuneCountInString(text[:f.Span.End])
		if int(got.GetStartByte()) != f.Span.Start || int(got.GetEndByte()) != f.Span.End ||
			int(got.GetStartCodepoint()) != start || int(got.GetEndCodepoint()) != end {
			t.Errorf("got %v, want %v and code points %d to %d", got, *f.Span, start, end)
		}
	}
}

// A thousand findings in a text of 1 MiB are mapped in one pass over it.
func BenchmarkCodePoints(b *testing.B) {
	text := strings.Repeat("漢字 ", 1<<20/7)
	fs := make([]guard.Finding, 1000)
	for i := range fs {
		at := i * (len(text) / len(fs) / 7) * 7
		fs[i].Span = &guard.Span{Start: at, End: at + 3}
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		codePoints(text, fs)
	}
}
