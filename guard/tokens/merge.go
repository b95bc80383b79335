package tokens

// scanLimit is the longest piece, in bytes, that is merged by looking for the
// lowest rank from end to end. Longer ones need a heap: scanning is quadratic.
const scanLimit = 48

// part is where a token of a piece begins and the rank of joining it with the
// next one.
type part struct {
	start int32
	rank  uint32
}

// scan counts the tokens of a piece of at most scanLimit bytes: byte pair
// encoding as tiktoken does it, joining the pair of the lowest rank, the leftmost
// of equals, until no pair is a token.
func (r *ranks) scan(piece string) int {
	var buf [scanLimit + 1]part
	parts := buf[:len(piece)+1]
	for i := range parts {
		parts[i] = part{start: int32(i), rank: none}
	}
	for i := range len(parts) - 2 {
		parts[i].rank = r.of(piece[i : i+2])
	}
	for {
		best := 0
		for i := range parts {
			if parts[i].rank < parts[best].rank {
				best = i
			}
		}
		if parts[best].rank == none {
			return len(parts) - 1
		}
		parts = append(parts[:best+1], parts[best+2:]...)
		parts[best].rank = r.join(piece, parts[best:])
		if best > 0 {
			parts[best-1].rank = r.join(piece, parts[best-1:])
		}
	}
}

// join returns the rank of the first two of parts as one token.
func (r *ranks) join(piece string, parts []part) uint32 {
	if len(parts) < 3 {
		return none
	}
	return r.of(piece[parts[0].start:parts[2].start])
}
