package pattern

// filter tells of most places of a text that none of the long literals begins there, by
// the first four bytes for short ones of them and by the first six for others, and by
// whether a letter, a digit or an underscore of ASCII stands in front. It is a blocked
// Bloom filter: a key has two bits of one word.
type filter struct {
	words [1 << filterBits]uint64
	mask  uint64 // few literals take a part of it
}

const (
	// filterBits make the filter 16 KiB at most, which a core's first cache holds.
	filterBits = 11
	// sieved is how many bytes are looked at everywhere.
	sieved = 6

	golden64 = 0x9E3779B97F4A7C15
)

// newFilter has room for so many literals, of which one place in fifty is taken for.
func newFilter(literals int) *filter {
	f := &filter{}
	for f.mask+1 < min(1<<filterBits, uint64(literals)/2) {
		f.mask = f.mask<<1 | 1
	}
	return f
}

// pass lets a literal through.
func (f *filter) pass(l literal) {
	f.put(l, 0)
	if !l.fresh {
		f.put(l, 1)
	}
}

func (f *filter) put(l literal, inWord uint64) {
	k := keyOfFour(wordAt(l.text, 0), inWord)
	if len(l.text) >= sieved {
		k = keyOfSix(wordAt(l.text, 0), inWord)
	}
	f.words[k.word(f.mask)] |= 1<<k.bit() | 1<<k.other()
}

// may is 1 if a literal may begin with the bytes of word, the first one lowest, else 0.
// inWord is 1 behind a letter, a digit or an underscore of ASCII, else 0. There is no
// branch in it, as nobody can foretell where it would lead.
func (f *filter) may(word, inWord uint64) uint64 {
	return f.has(keyOfFour(word, inWord)) | f.has(keyOfSix(word, inWord))
}

func (f *filter) has(k key) uint64 {
	w := f.words[k.word(f.mask)]
	return w >> k.bit() & (w >> k.other()) & 1
}

// key is a hash of the first bytes of a literal; its upper bits are the better ones.
type key uint64

func keyOfFour(word, inWord uint64) key { return key((word<<32 | inWord) * golden64) }
func keyOfSix(word, inWord uint64) key  { return key((word<<16 | inWord) * golden64) }

func (k key) word(mask uint64) uint64 { return uint64(k) >> (64 - filterBits) & mask }
func (k key) bit() uint64             { return uint64(k) >> (64 - filterBits - 6) & 63 }
func (k key) other() uint64           { return uint64(k) >> (64 - filterBits - 12) & 63 }
