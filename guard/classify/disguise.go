package classify

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/portcullis-ai/portcullis/guard"
)

// plainText is a text with its disguises undone, for the model to read beside
// the text as received.
//
// A word is taken as it folds if that leaves no letter outside ASCII: fullwidth
// letters, letters of other scripts that look Latin, invisible characters inside.
// A word that keeps such letters is a word of another language, of which folding
// would leave a mixture of two scripts that no model has learnt to read; it is
// taken as received.
type plainText struct {
	text  string
	words []plainWord // in order; empty if nothing is disguised
	view  guard.View
}

// plainWord says which range of the folded view a word of the text stands for.
type plainWord struct{ at, start, end int }

// undisguise reads the words of the folded view. Where no word of two letters or
// more is disguised the result has no words: there is nothing more to read.
func undisguise(t *guard.Text) plainText {
	if ordinary(t.Raw) {
		return plainText{} // folds by case and white space alone
	}
	p := plainText{view: t.Folded}
	var b strings.Builder
	b.Grow(len(t.Folded.Text))
	disguised, last := strings.ContainsAny(t.Raw, controlSpaces), t.Base
	for start, end := range wordsOf(t.Folded.Text) {
		word, span := t.Folded.Text[start:end], t.Folded.Span(start, end)
		if span.Start < last {
			p.words[len(p.words)-1].end = end // one character folded to several words
			continue
		}
		last = span.End
		received := t.Raw[span.Start-t.Base : span.End-t.Base]
		p.words = append(p.words, plainWord{at: b.Len(), start: start, end: end})
		switch {
		case foreign(word, received):
			b.WriteString(received)
		default:
			b.WriteString(word)
			disguised = disguised || len(word) > 1 && !latin(received)
		}
		b.WriteByte(' ')
	}
	if !disguised {
		return plainText{}
	}
	p.text = b.String()
	return p
}

// span returns the bytes of the text as received that [start, end) stands for,
// whole words at a time. The range must not be empty.
func (p plainText) span(start, end int) guard.Span {
	first, last := p.wordAt(start), p.wordAt(end-1)
	return p.view.Span(first.start, last.end)
}

func (p plainText) wordAt(pos int) plainWord {
	return p.words[sort.Search(len(p.words), func(i int) bool { return p.words[i].at > pos })-1]
}

// wordsOf yields the ranges of s between single spaces, as the folded view has them.
func wordsOf(s string) func(yield func(start, end int) bool) {
	return func(yield func(start, end int) bool) {
		for start := 0; start < len(s); {
			n := strings.IndexByte(s[start:], ' ')
			if n < 0 {
				n = len(s) - start
			}
			if n > 0 && !yield(start, start+n) {
				return
			}
			start += n + 1
		}
	}
}

// foreign reports whether a word has a letter outside ASCII when it is folded, or
// had accents and no Latin letter before: Greek without its accents may consist of
// look-alikes alone.
func foreign(word, received string) bool {
	for _, r := range word {
		if r >= utf8.RuneSelf && unicode.IsLetter(r) {
			return true
		}
	}
	accents := false
	for i, r := range received {
		if unicode.Is(unicode.Latin, r) {
			return false
		}
		accents = accents || unicode.Is(unicode.Mn, r) || decomposes(received[i:])
	}
	return accents
}

// latin reports whether a word is ordinary but for accents on Latin letters, which
// the tokenizer strips as folding does.
func latin(word string) bool {
	for i, r := range word {
		switch {
		case r < utf8.RuneSelf:
			if !ordinary(word[i : i+1]) {
				return false
			}
		case unicode.Is(unicode.Mn, r):
		case !unicode.Is(unicode.Latin, r) || !decomposes(word[i:]):
			return false
		}
	}
	return true
}

// decomposes reports whether s begins with a letter that is another and an accent.
func decomposes(s string) bool { return norm.NFD.PropertiesString(s).Decomposition() != nil }

// controlSpaces part words for a reader, and for the folded view; BERT's tokenizer
// drops them as control characters and reads one long word.
const controlSpaces = "\v\f\x1c\x1d\x1e\x1f\u0085"

// ordinary reports whether s is ASCII without control characters other than the
// white space that every tokenizer knows.
func ordinary(s string) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case b >= ' ' && b < 0x7f, b == '\t', b == '\n', b == '\r':
		default:
			return false
		}
	}
	return true
}
