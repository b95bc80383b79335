package pattern

import "regexp/syntax"

// spotter finds in one pass over a text where matches of its expressions may begin.
// At each byte it looks at four, and at what stands in front, in tables that a core's
// first cache holds: in prose few places are left after that. Those that are must
// show a literal, and what follows it must be what may stand there in a match.
//
// It leaves out no place where a match begins. It may name others, and one twice.
type spotter struct {
	long        *longLiterals // nil: there are none
	short       shortLiterals
	pairs       *pairs
	expressions []*expression
}

// newSpotter takes the expressions to look for, nil for those that others look for.
func newSpotter(all []*expression) *spotter {
	s := &spotter{expressions: all}
	var long []literal
	for i, e := range all {
		if e == nil {
			continue
		}
		var short []literal
		sequels := newSequelist(e.machine.prog)
		for _, text := range e.leading {
			l := literal{text: text, expression: uint32(i), fresh: e.startsWord(text), weak: e.weak}
			if len(text) < gramBytes {
				short = append(short, l)
			} else {
				l.sequel = sequels.behind(l.lead())
				long = append(long, l)
			}
		}
		s.short.add(&e.outline, short)
	}
	if len(long) > 0 {
		s.long = newLongLiterals(long)
	}
	s.pairs = newPairs(long, &s.short)
	return s
}

// literal is one that the matches of an expression begin with.
type literal struct {
	text       string
	expression uint32
	weak       bool // the expression is of a weak rule
	fresh      bool // no match has a letter, a digit or an underscore of ASCII in front
	sequel     sequel
}

// gramBytes is how many bytes long literals are sorted by.
const gramBytes = 4

// scan puts into c, by expression, where matches may begin in text, and returns the
// places where it looked closer. It may use the memory of places for them.
func (s *spotter) scan(text string, places []place, c *candidates) []place {
	places = s.sift(text, places[:0])
	for i := range places {
		places[i].reach = s.ask(text, places[i], c)
	}
	return places
}

// lookCloser puts into c where matches may begin from one place on and before another.
func (s *spotter) lookCloser(text string, from, to int, c *candidates) {
	var found [sifted]uint32
	for ; from < to; from += sifted {
		n := s.pairs.sieve(text, from, min(from+sifted, to), &found)
		for _, at := range found[:n] {
			if p := s.look(text, int(at)); p.families != 0 {
				s.ask(text, p, c)
			}
		}
	}
}

// behindWord is 1 if a letter, a digit or an underscore of ASCII stands before i.
func behindWord(text string, i int) uint64 {
	if i == 0 {
		return 0
	}
	return wordBytes[text[i-1]]
}

// wordBytes is 1 for what \b takes for a part of a word.
var wordBytes = func() (is [256]uint64) {
	for b := range rune(0x80) {
		if syntax.IsWordChar(b) {
			is[b] = 1
		}
	}
	return is
}()
