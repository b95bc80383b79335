package decode

// unknown is what a letter that is in no known word costs, in half bits.
const unknown = 24

// part puts spaces into s, small letters and digits, where the words cost least:
// the cheapest way to every place is one of the ways to the places before it.
func (l *lexicon) part(s []byte) []byte {
	cost := make([]uint32, len(s)+1)
	from := make([]uint8, len(s)+1) // the length of the last word; 0: not in a word
	for i := range s {
		l.extend(s, i, cost, from)
	}
	return spaced(s, from)
}

// extend offers the known words that begin at s[i] as the last ones before their
// ends, and the letter s[i] as part of no word.
func (l *lexicon) extend(s []byte, i int, cost []uint32, from []uint8) {
	offer := func(end int, c uint32, length int) {
		if c += cost[i]; cost[end] == 0 || c < cost[end] {
			cost[end], from[end] = c, uint8(length)
		}
	}
	offer(i+1, unknown, 0)
	at := uint16(0)
	for end := i; end < len(s); end++ {
		c := s[end] - 'a'
		if c >= 26 {
			return
		}
		if at = l.next[at][c]; at == 0 {
			return
		}
		if l.cost[at] > 0 {
			offer(end+1, uint32(l.cost[at]), end+1-i)
		}
	}
}

// spaced returns s with a space on either side of every word.
func spaced(s []byte, from []uint8) []byte {
	start := make([]bool, len(s)+1)
	for i := len(s); i > 0; {
		n := max(1, int(from[i]))
		if from[i] > 0 {
			start[i], start[i-n] = true, true
		}
		i -= n
	}
	out := make([]byte, 0, len(s)+len(s)/3)
	for i, c := range s {
		if start[i] && i > 0 {
			out = append(out, ' ')
		}
		out = append(out, c)
	}
	return out
}
