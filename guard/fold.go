package guard

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
)

// Fold returns what Prepare puts into Text.Folded, for the literals of rules to
// be folded as the texts they must match. Bytes that are not UTF-8 become
// U+FFFD. Folding a folded text changes nothing.
//
// Accents stay: "ignoré" is not "ignore". What folds is what looks the same.
func Fold(s string) string {
	w := newWeaver(strings.ToValidUTF8(s, string(utf8.RuneError)))
	w.weave(math.MaxInt)
	return w.folded.done(0).Text
}

// foldRune returns r in lower case, or the ASCII character it looks like. A
// capital's own look counts before its small letter's: Greek Ν is an n to the
// eye, though ν is a v. ASCII changes in case only.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(lowerASCII[r])
	}
	if to, ok := lookalike(r); ok {
		return to
	}
	small := unicode.ToLower(r)
	if to, ok := lookalike(small); ok {
		return to
	}
	return small
}

var lowerASCII = func() (lower [utf8.RuneSelf]byte) {
	for c := range lower {
		lower[c] = byte(unicode.ToLower(rune(c)))
	}
	return lower
}()

// isSpace is Unicode's White_Space and the four separators U+001C to U+001F,
// which Python and the article's patterns take for white space too.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}

// isInvisible tells what no view but Raw holds: format characters (zero width,
// bidi controls, tags, soft hyphens), variation selectors, whatever else Unicode
// asks to ignore by default (Hangul fillers, U+034F), and control characters
// that are no white space. Each can be put inside a word without being seen.
func isInvisible(r rune) bool {
	if r <= unicode.MaxLatin1 {
		return r == 0xad || unicode.IsControl(r) && !isSpace(r)
	}
	return unicode.Is(ignorable, r)
}

var ignorable = rangetable.Merge(unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
