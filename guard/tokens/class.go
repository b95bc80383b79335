package tokens

import (
	"unicode"
	"unicode/utf8"
)

// class is what the cl100k pattern distinguishes about a character.
type class uint8

const (
	symbol  class = iota // neither letter, nor number, nor white space
	letter               // \p{L}
	number               // \p{N}
	space                // \s, that is White_Space
	newline              // \r or \n, white space too
)

// ascii is the class of every ASCII character.
var ascii = func() (t [utf8.RuneSelf]class) {
	for r := range rune(utf8.RuneSelf) {
		t[r] = classOf(r)
	}
	t['\r'], t['\n'] = newline, newline
	return t
}()

// classAt returns the class of the character that begins at text[i] and its
// length in bytes. A byte that is no UTF-8 is a symbol of its own.
func classAt(text string, i int) (class, int) {
	if b := text[i]; b < utf8.RuneSelf {
		return ascii[b], 1
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	return classOf(r), size
}

func classOf(r rune) class {
	switch {
	case unicode.IsLetter(r) || unicode.Is(newerLetters, r):
		return letter
	case unicode.IsNumber(r) || unicode.Is(newerNumbers, r):
		return number
	case unicode.IsSpace(r):
		return space
	}
	return symbol
}

// skip returns the end of the run of characters of class c that begins at i.
func skip(text string, i int, c class) int {
	for i < len(text) {
		k, size := classAt(text, i)
		if k != c {
			break
		}
		i += size
	}
	return i
}
