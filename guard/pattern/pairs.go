package pattern

// pairs tells by two bytes whether a literal may begin with them, and by the first of
// the two what is asked of the next place. Of its 64 KiB a text in one language touches
// a few, those of the pairs of letters that it is made of.
type pairs [1 << 16]uint8

// What the table says of two bytes, the first one in the lower half, as bits: whether a
// literal may begin with them elsewhere, and behind a letter, a digit or an underscore
// of ASCII; and which of the two is to be looked at behind the first byte.
const (
	elsewhere uint8 = 1
	inWord    uint8 = 2

	nextShift = 2
)

// newPairs knows all literals, those of less than two bytes with what may follow.
func newPairs(long []literal, short *shortLiterals) *pairs {
	p := &pairs{}
	var next [256]uint8 // by the first byte
	for a := range next {
		next[a] = elsewhere << wordBytes[a] << nextShift
	}
	for b := range 256 {
		copy(p[b<<8:], next[:])
	}
	for a := range 256 {
		if short.first[0][a] != 0 {
			p.addShort(a, short)
		}
	}
	for _, l := range long {
		at := uint16(l.text[0]) | uint16(l.text[1])<<8
		p[at] |= elsewhere
		if !l.fresh {
			p[at] |= inWord
		}
	}
	return p
}

// addShort adds what may follow the byte a as the first of a short literal.
func (p *pairs) addShort(a int, short *shortLiterals) {
	for b := range 256 {
		if short.first[0][a]&short.bytes[0][b] != 0 {
			p[a|b<<8] |= elsewhere
		}
		if short.first[1][a]&short.bytes[0][b] != 0 {
			p[a|b<<8] |= inWord
		}
	}
}

// sifted is how many places are sifted in one go.
const sifted = 256

// sieve finds the places from one on and before another, at most sifted of them, where a
// literal may begin by its first two bytes, and returns how many they are. It writes down
// each and steps on from those that are any: so it has no branch that hangs on the text,
// which nobody could foretell.
func (p *pairs) sieve(text string, from, to int, found *[sifted]uint32) (n int) {
	ask := elsewhere << behindWord(text, from)
	inside := min(to, len(text)-1)
	for i := from; i < inside; i++ {
		known := p[uint16(text[i])|uint16(text[i+1])<<8]
		found[uint8(n)] = uint32(i)
		yes := known & ask
		n += int((yes | yes>>1) & 1)
		ask = known >> nextShift
	}
	if inside < to && p[text[inside]]&ask != 0 { // what follows the last byte counts as 0
		found[uint8(n)] = uint32(inside)
		n++
	}
	return n
}
