package pattern

import (
	"cmp"
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

// expression is one pattern of a rule. Its matches begin with one of a few
// literals: a spotter finds those of all rules in one pass over a text, and a machine
// tells at each such place whether there is a match.
type expression struct {
	leading []string
	outline outline
	needle  string // that every match holds, or ""
	machine *machine
	weak    bool   // of a weak rule
	group   *group // the part of a match that is the finding; nil: all of it
}

func newExpression(pattern string, view View) (*expression, error) {
	tree, err := parse(pattern, view)
	if err != nil {
		return nil, err
	}
	if n := maxBytes(tree); n == 0 || n > MaxMatch {
		return nil, fmt.Errorf("its longest match has %s, allowed are 1 to %d bytes: write {0,9} for *, {1,9} for +, or shorter counts",
			bytesOrMore(n), MaxMatch)
	}
	e := &expression{leading: leadingLiterals(tree), needle: needle(tree)}
	if e.machine, err = newMachine(tree); err != nil {
		return nil, err
	}
	e.outline = newOutline(e.machine.prog)
	switch {
	case e.machine.match(nil, "", 0) >= 0:
		return nil, errors.New("it must not match the empty text")
	case tree.MaxCap() > 1:
		return nil, errors.New("it may have one group at most: write (?:...)")
	case len(e.leading) == 0:
		return nil, fmt.Errorf("its matches must begin with one of at most %d literals or characters", maxLiterals)
	case tree.MaxCap() == 1:
		e.group = newGroup(tree.String())
	}
	return e, nil
}

// startsWord reports whether no match that begins with the literal stands behind a
// letter, a digit or an underscore of ASCII.
func (e *expression) startsWord(literal string) bool {
	if literal[0] >= utf8.RuneSelf {
		return false
	}
	t := e.machine.known.Load()
	return e.machine.next(t, e.machine.start(t, wordCharacter), uint16(e.machine.classes.ascii[literal[0]])) == over
}

// goesOn reports whether a match may begin with the lead at i, by what stands behind it,
// and where what it looked at ends.
func (e *expression) goesOn(l *lead, text string, i int) (ok bool, reach int) {
	ok, reach = e.outline.fits(text, i, gramBytes)
	if !ok {
		return false, reach
	}
	ok, end := e.machine.lasts(l, text, i)
	return ok, max(reach, end)
}

// parse returns the tree of a pattern, folded as the view is.
func parse(pattern string, view View) (*syntax.Regexp, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err == nil && view == Folded {
		err = foldTree(tree)
	}
	return tree, err
}

// matches returns where the expression matches and the judge, if there is one,
// agrees, from left to right. begins says where matches may begin, in any order.
func (e *expression) matches(text string, begins []begin, j judge) (hits []match) {
	slices.SortFunc(begins, func(a, b begin) int { return cmp.Compare(a.at, b.at) })
	from := 0 // matches do not overlap
	needle := pursuit{needle: e.needle, found: -1}
	for i := range begins {
		b := &begins[i]
		at := int(b.at)
		if b.reach = unread; at < from || !needle.follows(text, at) {
			continue
		}
		end, reach := e.machine.read(b.lead, text, at)
		if b.reach = uint32(reach); end < 0 {
			continue
		}
		m, next, ok := match{at, end}, end, true
		if e.group != nil {
			m = e.group.within(text, m)
		}
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

// match is a range of bytes of a view.
type match struct{ start, end int }

// group finds the part of a match that a pattern has put in parentheses. The
// expressions are tied to where the match begins: at the start of the text, or
// behind one character.
type group struct{ first, behind *regexp.Regexp }

func newGroup(source string) *group {
	return &group{regexp.MustCompile(`\A(?:` + source + `)`), regexp.MustCompile(`\A(?s:.)(?:` + source + `)`)}
}

// within returns the group, or the whole match if it came about without it or with
// nothing in it: a finding covers something.
func (g *group) within(text string, m match) match {
	re, from := g.first, 0
	if m.start > 0 {
		_, size := utf8.DecodeLastRuneInString(text[:m.start])
		re, from = g.behind, m.start-size
	}
	at := re.FindStringSubmatchIndex(text[from:min(len(text), m.start+MaxMatch+utf8.UTFMax)])
	if at == nil || at[2] == at[3] { // both are -1 without it
		return m
	}
	return match{from + at[2], from + at[3]}
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
