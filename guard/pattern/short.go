package pattern

import "math/bits"

// shortLiterals finds literals of less than four bytes, with what may follow them as
// far as to the fourth. They come in families: those of one expression that are of
// equal length, such as all digits. A table says by byte which families may have it as
// their first, second, third and fourth; those that are in all four are there.
type shortLiterals struct {
	first    [2][256]uint64             // bit f: family f may begin with the byte; elsewhere, and behind a word
	bytes    [gramBytes - 1][256]uint64 // bit f: family f may have the byte as its second, third, fourth
	members  [maxFamilies][]uint32      // expressions, by family
	families int
}

// maxFamilies is how many families there are; further ones join them in turn.
const maxFamilies = 63

// families is a set of them, and of the long literals as one more.
type families uint64

const longOnes families = 1 << maxFamilies

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
	for _, l := range all {
		s.first[0][l.text[0]] |= 1 << f
		if !l.fresh {
			s.first[1][l.text[0]] |= 1 << f
		}
		for k := 1; k < len(l.text); k++ {
			s.bytes[k-1][l.text[k]] |= 1 << f
		}
	}
	for k := len(all[0].text); k < gramBytes; k++ {
		for b := range 256 {
			if o.may(k, byte(b)) {
				s.bytes[k-1][b] |= 1 << f
			}
		}
	}
}

// at returns the families of which a literal may begin with the four bytes. inWord is
// 1 behind a letter, a digit or an underscore of ASCII, else 0.
func (s *shortLiterals) at(gram uint32, inWord uint64) families {
	return families(s.first[inWord&1][byte(gram)] & s.bytes[0][byte(gram>>8)] & s.bytes[1][byte(gram>>16)] & s.bytes[2][gram>>24])
}

// take takes the lowest family out of the set and returns its expressions.
func (s *shortLiterals) take(all *families) []uint32 {
	f := bits.TrailingZeros64(uint64(*all))
	*all &= *all - 1
	return s.members[f]
}
