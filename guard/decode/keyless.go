package decode

import (
	"iter"
	"unicode/utf8"
)

// margin is how far beyond a region its first and last words may reach, in bytes.
const margin = 24

// region returns the region widened to the words it begins and ends in, and one
// more on either side, but not into what was taken before.
func (b *builder) region(from, to int) (int, int) {
	lowest, highest := b.runeStart(max(from-margin, b.last, 0)), b.runeStart(min(to+margin, len(b.view)))
	for words := 0; from > lowest && words < 2; from-- {
		if b.view[from-1] == ' ' {
			words++
		}
	}
	for words := 0; to < highest && words < 2; to++ {
		if b.view[to] == ' ' {
			words++
		}
	}
	return b.runeStart(from), b.runeStart(to)
}

// wordsOf yields the words of view[from:to], each with what parts it from the next.
func (b *builder) wordsOf(from, to int) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		for i := from; i < to; {
			end := runEnd(b.view[:to], i, &isWordByte)
			end = max(end, i+1)
			if !yield(i, end) {
				return
			}
			i = end
		}
	}
}

// rotate adds a region read in ROT13.
func rotate(b *builder, from, to int) {
	from, to = b.region(from, to)
	s := []byte(b.view[from:to])
	for i, c := range s {
		if n := letter[c]; n > 0 {
			s[i] = 'a' + byte(rot13Index(int(n))-1)
		}
	}
	b.last = to
	if !hasEnglish(s) {
		return
	}
	b.next()
	for start, end := range b.wordsOf(from, to) {
		b.word(s[start-from:end-from], start, end)
	}
}

// reverse adds a region read backwards, and once more with each of its words read
// backwards.
func reverse(b *builder, from, to int) {
	from, to = b.region(from, to)
	s := backwards(nil, b.view[from:to])
	b.last = to
	if !hasEnglish(s) {
		return
	}
	b.next()
	var starts []int
	for start, end := range b.wordsOf(from, to) {
		s = backwards(s[:0], b.view[start:end])
		b.word(s, start, end)
		starts = append(starts, start)
	}
	b.next()
	for i, end := len(starts)-1, to; i >= 0; i-- {
		s = backwards(s[:0], b.view[starts[i]:end])
		b.word(s, starts[i], end)
		end = starts[i]
	}
}

// backwards appends the characters of s in the other order.
func backwards(dst []byte, s string) []byte {
	for len(s) > 0 {
		_, size := utf8.DecodeLastRuneInString(s)
		dst = append(dst, s[len(s)-size:]...)
		s = s[:len(s)-size]
	}
	return dst
}
