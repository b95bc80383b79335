package decode

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// readBroken reads words that were parted at the end of a line by a hyphen, as books
// and pages of print part them, and the text around them. Soft hyphens are in the text
// as received only, which then is read too.
func (f *finder) readBroken() {
	f.readBrokenIn(Clean, hyphenLeads[:inClean])
	if f.views.Raw != f.views.Clean && strings.Contains(f.views.Raw, softHyphen) {
		f.readBrokenIn(Raw, hyphenLeads[:])
	}
}

func (f *finder) readBrokenIn(v View, leads []string) {
	b := f.edits(v)
	h := newHyphens(b.view, leads)
	for from, end, ok := h.next(); ok; from, end, ok = h.next() {
		if at, to := breakAt(b.view, from, end); to > at {
			b.edit([]byte(b.view[at:to]), from, to)
		}
	}
	b.finish()
	f.add(&b, Broken, false) // what it says beyond the text itself are single words
}

const (
	// half is the least that stands on either side of a break, in bytes of words.
	half = 2
	// longestLead is the most that stands between a hyphen and the rest of the word, in
	// bytes, blanks not counted: ends of lines, marks of quotations, comments and lists.
	longestLead = 24
	// longestBreak is the most with blanks counted. A break that may go on at the end of
	// a growing text then lies within what add calls open.
	longestBreak = reach
)

// breakAt returns where the letter stands with which the word goes on that the hyphen at
// text[from:end] parts at the end of a line. Both are 0 if it parts none.
func breakAt(text string, from, end int) (at, to int) {
	if end == len(text) || !mayEndLine[text[end]] || !wordEnds(text[:from]) {
		return 0, 0 // most hyphens stand within a line
	}
	ended, counted := false, 0
	for at = end; at < len(text) && at-from <= longestBreak && counted <= longestLead; {
		size, kind := leadAt(text[at:])
		switch {
		case size == 0 && ended && wordBegins(text[at:]):
			_, size = utf8.DecodeRuneInString(text[at:])
			return at, at + size
		case size == 0 || kind == aMark && !ended:
			return 0, 0
		case kind != aBlank:
			counted += size
		}
		ended = ended || kind == aLineEnd
		at += size
	}
	return 0, 0
}

// wordEnds reports whether s ends with a letter of a word: not with a hyphen, or each of a
// run of soft ones would have all behind it looked at.
func wordEnds(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return len(s) >= half && wordBegins(s[len(s)-half:]) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func wordBegins(s string) bool {
	for i := range half {
		if i >= len(s) || !isWordByte[s[i]] {
			return false
		}
	}
	return true
}
