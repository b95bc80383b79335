package pattern

import "regexp/syntax"

// spotter finds in one pass over a text where matches of its expressions may begin.
// At each byte it looks at four, and at what stands in front, in tables that a core's
// first cache holds: in prose few places are left after that. Those that are must
// show a literal, and what follows it must be what may stand there in a match.
//
// It leaves out no place where a match begins. It may name others, and one twice.
type spotter struct {
	long     *longLiterals
	short    shortLiterals
	outlines []*outline // by expression
}

// newSpotter takes the expressions to look for, nil for those that others look for.
func newSpotter(all []*expression) *spotter {
	s := &spotter{outlines: make([]*outline, len(all))}
	var long []literal
	for i, e := range all {
		if e == nil {
			continue
		}
		s.outlines[i] = &e.outline
		var short []literal
		for _, text := range e.leading {
			l := literal{text: text, expression: uint32(i), fresh: e.startsWord(text)}
			if len(text) < gramBytes {
				short = append(short, l)
			} else {
				long = append(long, l)
			}
		}
		s.short.add(&e.outline, short)
	}
	s.long = newLongLiterals(long)
	return s
}

// literal is one that the matches of an expression begin with.
type literal struct {
	text       string
	expression uint32
	fresh      bool // no match has a letter, a digit or an underscore of ASCII in front
}

// gramBytes is how many bytes are looked at everywhere.
const gramBytes = 4

// scan puts into c, by expression, where matches may begin in text.
func (s *spotter) scan(text string, c *candidates) {
	gram := uint32(0)
	for i := range min(len(text), gramBytes-1) {
		gram |= uint32(text[i]) << (8 * (i + 1))
	}
	inWord := byte(0) // 1 behind a letter, a digit or an underscore
	for i := range len(text) {
		gram >>= 8
		if i+gramBytes <= len(text) {
			gram |= uint32(text[i+gramBytes-1]) << 24
		}
		if s.long.may(gram, inWord) {
			s.addLong(text, i, gram, inWord != 0, c)
		}
		if families := s.short.at(gram, inWord); families != 0 {
			s.addShort(text, i, families, c)
		}
		inWord = wordBytes[byte(gram)]
	}
}

// addLong adds the literals that begin with the gram, which stands at i.
func (s *spotter) addLong(text string, i int, gram uint32, inWord bool, c *candidates) {
	after := uint32(wordAt(text, i) >> 32)
	tails := s.long.beginningWith(gram)
	for k := range tails {
		t := &tails[k]
		if after&t.mask != t.bytes {
			continue
		}
		uses := s.long.uses[t.first : t.first+t.n]
		for k := range uses {
			u := &uses[k]
			if !(u.fresh && inWord) && s.outlines[u.expression].fits(text, i, gramBytes) {
				c.add(u.expression, begin{uint32(i), &u.lead})
			}
		}
	}
}

func (s *spotter) addShort(text string, i int, families uint64, c *candidates) {
	for families != 0 {
		for _, e := range s.short.first(&families) {
			if s.outlines[e].fits(text, i, 0) {
				c.add(e, begin{at: uint32(i)})
			}
		}
	}
}

// wordBytes is 1 for what \b takes for a part of a word.
var wordBytes = func() (is [256]byte) {
	for b := range rune(0x80) {
		if syntax.IsWordChar(b) {
			is[b] = 1
		}
	}
	return is
}()
