package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// MaxMatch is the longest match of a pattern, in bytes of its view. A text that
// grows can be cleared only as far as no match may still reach back. Validators
// may make a finding longer than its match.
const MaxMatch = 512

// expression is one pattern of a rule.
//
// Most patterns begin with one of a few literals. Their matches are looked for
// only where an automaton has found such a literal, by an expression tied to
// that place; the others go through the whole text. Both find the same.
type expression struct {
	re      *regexp.Regexp
	group   int      // the group that is the finding; 0: the whole match
	leading []string // what its matches begin with; empty: anything
	atWord  bool     // the leading literal must begin a word
	needs   needs
}

func newExpression(pattern string, view View) (*expression, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	if view == Folded {
		if err := foldTree(tree); err != nil {
			return nil, err
		}
	}
	if n := maxBytes(tree); n == 0 || n > MaxMatch {
		return nil, fmt.Errorf("its longest match has %s, allowed are 1 to %d bytes", bytesOrMore(n), MaxMatch)
	}
	e := &expression{needs: needsOf(tree)}
	e.leading, e.atWord = leadingLiterals(tree)
	source := tree.String()
	if len(e.leading) > 0 {
		source = `\A(?:` + source + `)`
	}
	if e.re, err = regexp.Compile(source); err != nil {
		return nil, err
	}
	if e.group = e.re.NumSubexp(); e.group > 1 || e.re.MatchString("") {
		return nil, errors.New("it must not match the empty text, and may have one group at most: write (?:...)")
	}
	return e, nil
}

// matches returns where the expression matches, from left to right. begins says
// where its leading literals begin, in any order.
func (e *expression) matches(s *subject, begins []uint32, j judge) []match {
	switch {
	case len(e.leading) > 0 && len(begins) == 0 || !e.needs.met(s):
		return nil
	case len(e.leading) > 0:
		return e.confirmed(s.text, begins, j)
	case j != nil:
		return e.judged(s.text, j)
	}
	var all []match
	for _, at := range e.re.FindAllStringSubmatchIndex(s.text, -1) {
		all = append(all, e.found(at, 0))
	}
	return all
}

// confirmed tries the expression at each place where a match may begin.
func (e *expression) confirmed(text string, begins []uint32, j judge) (hits []match) {
	slices.Sort(begins)
	from := 0 // matches do not overlap
	for _, b := range begins {
		at := int(b)
		if at < from || e.atWord && at > 0 && syntax.IsWordChar(rune(text[at-1])) {
			continue
		}
		found := e.re.FindStringSubmatchIndex(text[at:min(len(text), at+MaxMatch+utf8.UTFMax)])
		if found == nil {
			continue
		}
		m, next, ok := e.found(found, at), at+found[1], true
		if j != nil {
			m, next, ok = j(text, m)
		}
		if ok {
			hits = append(hits, m)
		}
		from = max(next, at+1)
	}
	return hits
}

// judged goes through the whole text for matches that the judge lets stand. A
// match that it refuses must not hide one that begins inside it, as a number
// before a card number does: the search goes on at the next word. That is exact
// because no match begins inside a word (see startsWord), and a word's end looks
// to an expression like the beginning of a text.
func (e *expression) judged(text string, j judge) (hits []match) {
	for from := 0; from < len(text); {
		at := e.re.FindStringSubmatchIndex(text[from:])
		if at == nil {
			break
		}
		m, next, ok := j(text, e.found(at, from))
		if ok {
			hits = append(hits, m)
		}
		from = wordEnd(text, max(next, from+at[0]+1))
	}
	return hits
}

// match is a range of bytes of a view.
type match struct{ start, end int }

// found returns the part of a match at[from:] that is the finding: its group,
// unless the match came about without it.
func (e *expression) found(at []int, from int) match {
	if group := at[2*e.group:]; group[0] >= 0 {
		at = group
	}
	return match{from + at[0], from + at[1]}
}

// wordEnd returns i, or the end of the word that i stands in.
func wordEnd(text string, i int) int {
	if i > 0 && i <= len(text) && syntax.IsWordChar(rune(text[i-1])) {
		for i < len(text) && syntax.IsWordChar(rune(text[i])) {
			i++
		}
	}
	return i
}

// startsWord reports whether no match can begin inside a word, so that a search
// may be taken up again at the end of any word.
func startsWord(pattern string) bool {
	re, err := syntax.Parse(pattern, syntax.Perl)
	return err == nil && re.Op == syntax.OpConcat && re.Sub[0].Op == syntax.OpWordBoundary
}
