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
	expressions []*expression
	bytes       [256]uint32 // what is known of each
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
	if len(long) > 0 {
		s.long = newLongLiterals(long)
	}
	s.know()
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
	for i := s.next(text, 0); i < len(text); i = s.next(text, i+1) {
		gram, before := gramAt(text, i), behindWord(text, i)
		if s.long != nil && s.long.may(gram, before) {
			s.addLong(text, i, before == inWord, c)
		}
		if families := s.short.at(gram, before); families != 0 {
			s.addShort(text, i, families, c)
		}
	}
}

// next returns the first place from i on where a literal may begin; where less than
// four bytes are left one may. Prose passes its time here.
func (s *spotter) next(text string, i int) int {
	if s.long == nil {
		return s.short.next(text, i)
	}
	if len(text)-i < gramBytes {
		return i
	}
	long, gram, before := s.long, gramAt(text, i)<<8, behindWord(text, i)
	ahead := text[i+gramBytes-1:]
	for k := range len(ahead) {
		gram = gram>>8 | uint32(ahead[k])<<24
		first := s.bytes[byte(gram)]
		if long.may(gram, before) || first&(shortElsewhere<<(before&1)) != 0 && s.short.at(gram, before) != 0 {
			return i + k
		}
		before = first & inWord
	}
	return i + len(ahead)
}

// What a spotter knows of a byte, as bits: whether it is a letter, a digit or an
// underscore of ASCII, and whether a short literal may begin with it, elsewhere and
// behind such a byte.
const (
	inWord         uint32 = 1
	shortElsewhere uint32 = 2
	shortInWord    uint32 = shortElsewhere << inWord
)

// know fills in what is known of bytes.
func (s *spotter) know() {
	for b := range s.bytes {
		s.bytes[b] = wordBytes[b]
		if s.short.first[0][b] != 0 {
			s.bytes[b] |= shortElsewhere
		}
		if s.short.first[1][b] != 0 {
			s.bytes[b] |= shortInWord
		}
	}
}

func (s *spotter) addLong(text string, i int, behindWord bool, c *candidates) {
	word := wordAt(text, i)
	nothing, more := s.long.beginningWith(word)
	for k := range nothing {
		s.addUses(text, i, &nothing[k], behindWord, c)
	}
	for k := range more {
		if t := &more[k]; uint32(word>>32)&t.mask == t.bytes {
			s.addUses(text, i, t, behindWord, c)
		}
	}
}

// addUses adds the literal for the expressions that may match what stands at i.
func (s *spotter) addUses(text string, i int, t *tail, behindWord bool, c *candidates) {
	uses := s.long.uses[t.first : t.first+t.n]
	for k := range uses {
		u := &uses[k]
		if (!u.fresh || !behindWord) && s.expressions[u.expression].goesOn(&u.lead, text, i) {
			c.add(u.expression, begin{uint32(i), &u.lead})
		}
	}
}

func (s *spotter) addShort(text string, i int, families uint64, c *candidates) {
	for families != 0 {
		for _, e := range s.short.take(&families) {
			if s.expressions[e].outline.fits(text, i, 0) {
				c.add(e, begin{at: uint32(i)})
			}
		}
	}
}

// behindWord is 1 if a letter, a digit or an underscore of ASCII stands before i.
func behindWord(text string, i int) uint32 {
	if i == 0 {
		return 0
	}
	return wordBytes[text[i-1]]
}

// wordBytes is 1 for what \b takes for a part of a word.
var wordBytes = func() (is [256]uint32) {
	for b := range rune(0x80) {
		if syntax.IsWordChar(b) {
			is[b] = 1
		}
	}
	return is
}()
