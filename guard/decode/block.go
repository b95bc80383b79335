package decode

import "slices"

// block is what a reader knows of the run at hand; its memory serves all runs.
type block struct {
	values []uint8  // of characters, by their alphabet
	at     []uint32 // where each stands in the view
	ends   []uint32 // where each ends; of what spell adds only
	bytes  []byte   // what they decode to
}

func (b *block) reset() {
	b.values, b.at, b.ends, b.bytes = b.values[:0], b.at[:0], b.ends[:0], b.bytes[:0]
}

// grow makes room for so many characters of an alphabet.
func (b *block) grow(n int) {
	b.values, b.at, b.bytes = slices.Grow(b.values, n), slices.Grow(b.at, n), slices.Grow(b.bytes, n)
}

// spell adds a byte that raw[at:end] stands for.
func (b *block) spell(c byte, at, end int) {
	b.bytes, b.at, b.ends = append(b.bytes, c), append(b.at, uint32(at)), append(b.ends, uint32(end))
}
