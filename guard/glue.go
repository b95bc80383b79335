package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// glueRoom is how far back glueStart looks, in bytes. It bounds how long a text
// without white space is held back for what may be glued together in it.
const glueRoom = 256

// glueStart returns where that begins which nothing parts from the byte at: the word,
// and in front of it groups with digits, as telephone numbers have them. If what
// begins at a byte is taken out of the text, what is glued to it is read anew, and may
// be found itself.
//
// A place further on is never glued to more: glueStart(text, b) is at least a or at
// least glueStart(text, a) for all a <= b.
func glueStart(text string, at int) int {
	least := max(at-glueRoom, 0)
	for least < at && !utf8.RuneStart(text[least]) {
		least++
	}
	start := least + wordStart(text[least:at])
	for start > least {
		_, space := utf8.DecodeLastRuneInString(text[:start])
		group := least + wordStart(text[least:max(start-space, least)])
		if !strings.ContainsAny(text[group:start], "0123456789") {
			break
		}
		start = group
	}
	return start
}

// wordStart returns where the word begins that the text ends with.
func wordStart(text string) int {
	i := strings.LastIndexFunc(text, unicode.IsSpace)
	if i < 0 {
		return 0
	}
	_, space := utf8.DecodeRuneInString(text[i:])
	return i + space
}
