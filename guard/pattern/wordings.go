package pattern

import (
	"iter"
	"strings"
)

// wordings are the ways to set something that a match is about. What begins with none of
// the verbs, or does not end as all do, is no order: looking at the words first keeps
// hostile texts, full of matches and of verbs, from having the expression read
// everything in front of each of them.
type wordings struct {
	room  int      // bytes in front of the match for the order and what makes it a tale
	words int      // how many it has at the most, 0: any number
	verbs []string // the first words that it may begin with
	ends  []string // the words that it may end with, none: any
	form  tied     // from the verb to the end of what is in front of the match
}

// newWordings takes the verbs, with | between them, the words at the end, and what follows
// a verb.
func newWordings(room, words int, verbs, ends, rest string) wordings {
	w := wordings{room: room, words: words, form: newTied(`(?:` + verbs + `)` + rest), ends: strings.Fields(ends)}
	for verb := range strings.SplitSeq(verbs, "|") {
		first, _, _ := strings.Cut(verb, " ")
		w.verbs = append(w.verbs, first)
	}
	return w
}

// among returns where the first order of s begins that goes on to its end.
func (w wordings) among(s string) (at int, ok bool) {
	for i := range w.tries(s) {
		if w.form.holds(s[i:]) {
			return i, true
		}
	}
	return 0, false
}

// tries yields where the expression is tried.
func (w wordings) tries(s string) iter.Seq[int] {
	return func(yield func(int) bool) {
		if !w.ended(s) {
			return
		}
		for i := w.from(s); i < len(s); i++ {
			if (i == 0 || !isWord(s[i-1])) && w.begins(s[i:]) && !yield(i) {
				return
			}
		}
	}
}

// from returns where the words begin that an order may have.
func (w wordings) from(s string) int {
	if w.words == 0 {
		return 0
	}
	at := len(s)
	for range w.words + 1 {
		if at = strings.LastIndexByte(s[:at], ' '); at < 0 {
			return 0
		}
	}
	return at + 1
}

func (w wordings) ended(s string) bool {
	if len(w.ends) == 0 {
		return true
	}
	s, spaced := strings.CutSuffix(s, " ")
	for _, end := range w.ends {
		if spaced && strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

func (w wordings) begins(s string) bool {
	for _, verb := range w.verbs {
		if len(s) > len(verb) && s[len(verb)] == ' ' && s[:len(verb)] == verb {
			return true
		}
	}
	return false
}

// isWord reports whether a byte is one of those between which \b does not stand.
func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
