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
// Accents go, for an attack may wear them: "ïgnörè" reads as "ignore". Rules of
// languages that need accents lose theirs by the same function. The vowel signs
// and points of other scripts stay, as do the marks of kana.
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
	if to, ok := struck[small]; ok {
		return to
	}
	return framed(small)
}

// framed returns the letter on a disc or a square, or of a flag: Unicode has the
// alphabet three times more.
func framed(r rune) rune {
	for _, a := range [...]rune{0x1F150, 0x1F170, 0x1F1E6} {
		if a <= r && r < a+26 {
			return 'a' + r - a
		}
	}
	return r
}

// struck are Latin letters with a stroke or hook through them, which Unicode
// takes for letters of their own and readers for accented ones; then small capitals,
// and letters upside down.
var struck = map[rune]rune{
	'ø': 'o', 'ł': 'l', 'đ': 'd', 'ð': 'd', 'ħ': 'h', 'ŧ': 't', 'ƀ': 'b', 'ƈ': 'c', 'ɗ': 'd', 'ɖ': 'd', 'ɇ': 'e', 'ƒ': 'f',
	'ǥ': 'g', 'ɠ': 'g', 'ɨ': 'i', 'ɉ': 'j', 'ƙ': 'k', 'ƚ': 'l', 'ɲ': 'n', 'ƞ': 'n', 'ƥ': 'p', 'ɋ': 'q', 'ɍ': 'r', 'ƭ': 't',
	'ʉ': 'u', 'ƶ': 'z', 'ȥ': 'z', 'ⱥ': 'a', 'ȼ': 'c', 'ɓ': 'b', 'ɵ': 'o', 'ɏ': 'y', 'ƴ': 'y',

	'ᴀ': 'a', 'ʙ': 'b', 'ᴅ': 'd', 'ᴇ': 'e', 'ꜰ': 'f', 'ɢ': 'g', 'ʜ': 'h', 'ᴊ': 'j', 'ᴋ': 'k', 'ʟ': 'l', 'ᴍ': 'm', 'ɴ': 'n',
	'ᴘ': 'p', 'ᴛ': 't', 'ᴎ': 'n', 'ᴙ': 'r', 'ᴚ': 'r', 'ȷ': 'j', 'ↄ': 'c',

	'ɐ': 'a', 'ǝ': 'e', 'ɘ': 'e', 'ɟ': 'f', 'ƃ': 'g', 'ᵷ': 'g', 'ɥ': 'h', 'ᴉ': 'i', 'ɾ': 'j', 'ʞ': 'k', 'ꞁ': 'l', 'ɹ': 'r',
	'ʇ': 't', 'ʌ': 'v', 'ʍ': 'w', 'ʎ': 'y',
}

// isAccent tells the marks that are put on letters of any script: Unicode's
// combining diacritical blocks, those for symbols and half marks among them.
func isAccent(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r <= 0x36f, 0x1ab0 <= r && r <= 0x1aff, 0x1dc0 <= r && r <= 0x1dff, 0x20d0 <= r && r <= 0x20ff, 0xfe20 <= r && r <= 0xfe2f:
		return true
	}
	return false
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
