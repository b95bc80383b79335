package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// folded is a text in which every character is one byte: ASCII letters in lower
// case, what Python's re.IGNORECASE takes for an ASCII letter that letter, all white
// space beyond ASCII a space, and any other character beyond ASCII one that no
// pattern knows.
type folded struct {
	text string
	at   []int32 // byte i of text came from byte at[i]; nil: from byte i
}

// other stands for characters beyond ASCII that mean nothing to a pattern.
const other = 0x80

func fold(raw string) folded {
	if isASCII(raw) {
		return folded{text: strings.ToLower(raw)}
	}
	text, at := make([]byte, 0, len(raw)), make([]int32, 0, len(raw)+1)
	for i, r := range raw {
		text, at = append(text, foldRune(r)), append(at, int32(i))
	}
	return folded{string(text), append(at, int32(len(raw)))}
}

func foldRune(r rune) byte {
	switch {
	case 'A' <= r && r <= 'Z':
		return byte(r) + 'a' - 'A'
	case r < utf8.RuneSelf:
		return byte(r)
	case r == 'İ' || r == 'ı':
		return 'i'
	case r == 'ſ':
		return 's'
	case r == '\u212a': // the Kelvin sign
		return 'k'
	case unicode.IsSpace(r):
		return ' '
	}
	return other
}

// raw returns where bytes [start, end) of the folded text came from.
func (f folded) raw(start, end int) (int, int) {
	if f.at == nil {
		return start, end
	}
	return int(f.at[start]), int(f.at[end])
}

// lower is Python's str.lower as far as the heuristics can tell: no character
// beyond ASCII becomes ASCII alone (U+0130 becomes i and a dot above), but the
// Kelvin sign, and none of the words has a k.
func lower(raw string) string {
	if isASCII(raw) {
		return strings.ToLower(raw)
	}
	b := []byte(raw)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
