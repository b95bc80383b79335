package decode

import (
	"iter"
	"unicode"
	"unicode/utf8"
)

// minStretch is the shortest text that bytes are taken for, in characters. Of
// random bytes one in two and a half can be printed, so longer ones are hardly
// ever an accident.
const minStretch = 10

// stretches yields the parts of b that can be printed: UTF-8 without control
// characters, but for white space and the zero bytes of UTF-16.
func stretches(b []byte) iter.Seq2[int, int] { return printed(b, minStretch) }

// printed yields the parts of b that can be printed, of so many characters at least.
func printed(b []byte, shortest int) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		start, count := 0, 0
		for i := 0; i < len(b); {
			size := printable(b[i:])
			if size > 0 {
				if b[i] != 0 {
					count++
				}
				i += size
				continue
			}
			if count >= shortest && !yield(start, i) {
				return
			}
			i++
			start, count = i, 0
		}
		if count >= shortest {
			yield(start, len(b))
		}
	}
}

// printable returns the length of the first character of b, 0 if it has none that
// can be printed.
func printable(b []byte) int {
	if c := b[0]; c < 0xC2 { // ASCII, or no first byte
		return int(printableASCII[c])
	}
	r, size := utf8.DecodeRune(b)
	if size < 2 || !unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r) {
		return 0
	}
	return size
}

var printableASCII = func() (size [256]uint8) {
	for c := range utf8.RuneSelf {
		if ' ' <= c && c < 0x7f || c == '\n' || c == '\r' || c == '\t' || c == 0 {
			size[c] = 1
		}
	}
	return size
}()
