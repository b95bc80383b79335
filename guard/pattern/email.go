package pattern

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// email takes the local part in front of the @ and the domain behind it, both in
// any script (RFC 6531) and of any length, so that no part of a name stays. The
// @2x in the names of images is none. It reads no further back than the last @,
// and skips the domain.
func email(text string, m match) (match, int, bool) {
	at := m.start + 1
	run := at
	for run < len(text) {
		r, size := utf8.DecodeRuneInString(text[run:])
		if !alphanumeric(r) && r != '-' && r != '.' {
			break
		}
		run += size
	}
	start, end := localPart(text[:m.start]), at+domainEnd(text[at:run])
	if image := strings.HasPrefix(text[at:], "2x.") || strings.HasPrefix(text[at:], "3x."); image || start == m.start || end == at ||
		remote(text, start, m.start, end) {
		return m, max(run, m.end), false
	}
	return match{start, end}, end, true
}

// remote reports whether what looks like an address is where a repository lies:
// git@host:path, the user part of which is nobody's name.
func remote(text string, start, at, end int) bool {
	user := text[start:at]
	return (user == "git" || user == "hg" || user == "svn") && end < len(text) && (text[end] == ':' || text[end] == '/')
}

func alphanumeric(r rune) bool {
	if r < utf8.RuneSelf {
		return strings.IndexByte(letters, byte(r)) >= 0
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// unspaced are scripts that put no spaces between words, so that an address in
// another script may follow one of their letters at once.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// localPart returns where the local part begins that text ends with. It begins
// with a letter or a digit.
func localPart(text string) int {
	start := len(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	spaced := !unicode.In(last, unspaced...)
	for i := len(text); i > 0; {
		r, size := utf8.DecodeLastRuneInString(text[:i])
		word := alphanumeric(r)
		if !word && !strings.ContainsRune("._%+-'", r) || spaced && r >= utf8.RuneSelf && unicode.In(r, unspaced...) {
			break
		}
		if i -= size; word {
			start = i
		}
	}
	return start
}

// domainEnd returns the end of the domain that a run of letters, digits, dots and
// dashes begins with, 0 if there is none: labels of one character and more,
// the last of letters, two or more of them.
func domainEnd(run string) int {
	if i := strings.Index(run, ".."); i >= 0 {
		run = run[:i]
	}
	for {
		dot := strings.LastIndexByte(run, '.')
		if dot <= 0 {
			return 0
		}
		if n := topLevel(run[dot+1:]); n > 0 {
			return dot + 1 + n
		}
		run = run[:dot]
	}
}

// topLevel returns the length of the top-level domain that a label begins with,
// 0 if it is none. One in ASCII ends before other letters; xn-- has digits.
func topLevel(label string) int {
	if strings.HasPrefix(label, "xn--") && len(label) > len("xn--") {
		return spanOf(label, 0, letters+"-")
	}
	const most = 24
	n, count := 0, 0
	for i, r := range label {
		if r < utf8.RuneSelf != (label[0] < utf8.RuneSelf) || !unicode.In(r, unicode.L, unicode.M) {
			if r < utf8.RuneSelf && label[0] < utf8.RuneSelf && isDigit(byte(r)) {
				return 0
			}
			break
		}
		n, count = i+utf8.RuneLen(r), count+1
	}
	if count < 2 || count > most {
		return 0
	}
	return n
}
