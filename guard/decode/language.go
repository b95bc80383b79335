package decode

import (
	"unicode"
	"unicode/utf8"
)

// english reports whether at least half of the letters of s, in whatever case,
// stand in words that are known, and some words there are.
func english(s []byte) bool { return knownPart(s) >= 0.5 }

// hasEnglish is the same of a third of the letters: what stands beside a text that
// was hidden may be read with it.
func hasEnglish(s []byte) bool { return knownPart(s) >= 1.0/3 }

// knownPart returns the share of the letters of s that stand in words that are
// known; 0 if there are fewer than two such words.
func knownPart(s []byte) float64 {
	l := words()
	var word [24]byte
	letters, known, count := 0, 0, 0
	for i := 0; i <= len(s); {
		n := 0
		for ; i < len(s) && isLetter[s[i]]; i++ {
			if n < len(word) {
				word[n] = s[i] | 0x20 //nolint:gosec // the line above is the bound
			}
			n++
		}
		if n > 0 {
			letters += n
			if n <= len(word) && n > 1 && l.knows(word[:n]) {
				known += n
				count++
			}
		}
		i++
	}
	if count < 2 {
		return 0
	}
	return float64(known) / float64(letters)
}

// language reports whether s reads like a language, be it English or another:
// letters and spaces, in words as long as words are. Base64 of letters and keys
// have no spaces, other gibberish has too few letters.
func language(s []byte) bool {
	if english(s) {
		return true
	}
	letters, spaces, others, foreign := 0, 0, 0, 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		i += size
		switch {
		case r < utf8.RuneSelf && isLetter[r]:
			letters++
		case r == ' ' || r == '\n':
			spaces++
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r)):
			foreign++
		default:
			others++
		}
	}
	all := letters + foreign
	switch {
	case all < 8 || others*6 > all:
		return false
	case foreign > letters: // so many valid characters are no accident
		return true
	}
	return spaces >= 2 && all <= 12*spaces && all >= 2*spaces
}

var isLetter = setOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

func setOf(members string) (set [256]bool) {
	for i := range len(members) {
		set[members[i]] = true
	}
	return set
}
