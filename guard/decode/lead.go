package decode

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands between a hyphen and the rest of its word.
type leadKind uint8

const (
	aBlank   leadKind = iota // also what nobody sees
	aLineEnd                 // the tag br too
	aMark                    // of a quotation, a comment or a list, its number too
)

// mayEndLine are the bytes that the end of a line may begin with, or a blank in front.
var mayEndLine = func() (set [256]bool) {
	for c := range set {
		set[c] = c <= ' ' || c == '<' || c >= utf8.RuneSelf
	}
	return set
}()

// leadAt returns what s begins with, of so many bytes; none if it is a word.
func leadAt(s string) (size int, kind leadKind) {
	if size = lineBreakTag(s); size > 0 {
		return size, aLineEnd
	}
	if size = listNumber(s); size > 0 {
		return size, aMark
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case '\n' <= r && r <= '\r', r == '\u0085', r == '\u2028', r == '\u2029':
		return size, aLineEnd
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.IsControl(r):
		return size, aBlank
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return 0, 0
	}
	return size, aMark
}

// lineBreakTag returns the bytes of the tag br that s begins with.
func lineBreakTag(s string) int {
	const name = "<br"
	if len(s) <= len(name) || !strings.EqualFold(s[:len(name)], name) {
		return 0
	}
	i := len(name)
	for i < len(s) && (s[i] == ' ' || s[i] == '/') && i < longestLead {
		i++
	}
	if i == len(s) || s[i] != '>' {
		return 0
	}
	return i + 1
}

// listNumber returns the bytes of the number of a list that s begins with: "12. ".
func listNumber(s string) int {
	i := 0
	for i < len(s) && i < 3 && isDigit(s[i]) {
		i++
	}
	if i > 0 && i+1 < len(s) && (s[i] == '.' || s[i] == ')') && s[i+1] == ' ' {
		return i + 1
	}
	return 0
}
