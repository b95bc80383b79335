package decode

import "strings"

// readBroken reads words that were parted at the end of a line by a hyphen, as books
// and pages of print part them, and the text around them.
func (f *finder) readBroken() {
	text := f.views.Clean
	b := f.edits(text)
	for i := strings.IndexByte(text, '\n'); i >= 0 && i < len(text); {
		if from, to, ok := breakAt(text, i); ok {
			b.edit([]byte(text[to-1:to]), from, to)
			i = to
		} else {
			i++
		}
		next := strings.IndexByte(text[i:], '\n')
		if next < 0 {
			break
		}
		i += next
	}
	b.finish()
	f.add(&b, Broken, false) // what it says beyond the text itself are single words
}

const (
	// half is the least that stands on either side of a break, in letters.
	half = 2
	// longestIndent is the most that a line begins with in front of a word, in bytes.
	longestIndent = 6
)

// breakAt returns what stands between the halves of a word that is parted around the
// line end at text[i], from the hyphen on, with the first letter of the second half.
func breakAt(text string, i int) (from, to int, ok bool) {
	from = i
	if from > 0 && text[from-1] == '\r' {
		from--
	}
	first := text[:from]
	if first = first[:len(first)-hyphen(first)]; len(first) == from || len(first) < half || !allLetters(first[len(first)-half:]) {
		return 0, 0, false
	}
	from = len(first)
	to = i + 1
	for to < len(text) && to-i <= longestIndent && wrapping[text[to]] && text[to] != '\n' {
		to++
	}
	if to+half > len(text) || !allLetters(text[to:to+half]) {
		return 0, 0, false
	}
	line := text[to:min(len(text), to+2*(to-from))]
	return from, to + 1, len(line) == 2*(to-from) && strings.IndexByte(line, '\n') < 0
}

// hyphen returns how long the hyphen is that a text ends with: as one types it, or one
// of those that are made for it.
func hyphen(text string) int {
	for _, h := range []string{"-", "\u2010", "\u2011"} {
		if strings.HasSuffix(text, h) {
			return len(h)
		}
	}
	return 0
}

func allLetters(s string) bool {
	for i := range len(s) {
		if !isLetter[s[i]] {
			return false
		}
	}
	return true
}
