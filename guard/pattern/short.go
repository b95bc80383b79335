package pattern

import "math/bits"

// shortLiterals finds literals of less than four bytes, with what may follow them as
// far as to the fourth. They come in families: those of one expression that are of
// equal length, such as all digits. A table says by byte which families may have it as
// their first, second, third and fourth; those that are in all four are there.
type shortLiterals struct {
	bytes    [gramBytes][256]uint64 // bit f: family f may have the byte there
	allowed  [2]uint64              // the families that may stand elsewhere, and behind a word
	members  [maxFamilies][]uint32  // expressions, by family
	families int
}

// maxFamilies is how many families there are; further ones join them in turn.
const maxFamilies = 64

// add takes the short literals of one expression.
func (s *shortLiterals) add(o *outline, all []literal) {
	for n := range gramBytes {
		var family []literal
		for _, l := range all {
			if len(l.text) == n {
				family = append(family, l)
			}
		}
		if len(family) > 0 {
			s.addFamily(o, family)
		}
	}
}

func (s *shortLiterals) addFamily(o *outline, all []literal) {
	f := s.families % maxFamilies
	s.families++
	s.members[f] = append(s.members[f], all[0].expression)
	s.allowed[0] |= 1 << f
	for _, l := range all {
		if !l.fresh {
			s.allowed[1] |= 1 << f
		}
		for k := range len(l.text) {
			s.bytes[k][l.text[k]] |= 1 << f
		}
	}
	for k := len(all[0].text); k < gramBytes; k++ {
		for b := range 256 {
			if o.may(k, byte(b)) {
				s.bytes[k][b] |= 1 << f
			}
		}
	}
}

// at returns the families of which a literal may begin with the four bytes. inWord is
// 1 behind a word, else 0.
func (s *shortLiterals) at(gram uint32, inWord byte) uint64 {
	f := s.bytes[0][byte(gram)] & s.allowed[inWord&1]
	if f == 0 {
		return 0
	}
	return f & s.bytes[1][byte(gram>>8)] & s.bytes[2][byte(gram>>16)] & s.bytes[3][gram>>24]
}

// first takes the lowest family out of the set and returns its expressions.
func (s *shortLiterals) first(families *uint64) []uint32 {
	f := bits.TrailingZeros64(*families)
	*families &= *families - 1
	return s.members[f]
}
