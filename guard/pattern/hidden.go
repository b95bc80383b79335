package pattern

import (
	"strings"
	"unicode/utf8"
)

// inword lets stand what is right behind a Latin letter.
func inword(text string, m match) (match, int, bool) {
	return verdict(m, m.start > 0 && (text[m.start-1]|0x20)-'a' < 26)
}

// tags refuses the few that stand behind a black flag, as in the flags of
// England, Scotland and Wales.
func tags(text string, m match) (match, int, bool) {
	const flag, more = "\U0001F3F4", 8
	ofFlag := strings.HasSuffix(text[:m.start], flag) && utf8.RuneCountInString(text[m.start:m.end]) < more
	return m, m.end, !ofFlag
}
