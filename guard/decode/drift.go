package decode

import (
	"math"
	"strings"
	"sync"
)

// drift says, for two neighbouring letters, how much likelier they are if the text
// is English read another way than if it is English as it stands, in sixteenths of
// a bit: in ROT13, and backwards. Letters are 1 to 26; 0 is what stands between
// words.
type drift struct{ rot13, reversed int32 }

// drifts are by the first letter times 32 and the second one.
type drifts [32 * 32]drift

var pairs = sync.OnceValue(func() *drifts {
	count := pairCounts()
	var after [27][27]float64 // how likely the second letter is after the first
	for a := range after {
		total := 0.0
		for _, n := range count[a] {
			total += n
		}
		for b := range after[a] {
			after[a][b] = count[a][b] / total
		}
	}
	d := &drifts{}
	for a := range after {
		for b := range after {
			d[a<<5|b] = drift{bits16(after[rot13Index(a)][rot13Index(b)] / after[a][b]), bits16(count[b][a] / count[a][b])}
		}
	}
	d[0] = drift{-8, -8} // what has no letters is no text
	return d
})

// pairCounts returns how often one letter follows another in the words of the list,
// each as often as its rank says.
func pairCounts() (count [27][27]float64) {
	for a := range count {
		for b := range count {
			count[a][b] = 2e-4 // a pair that no word has
		}
	}
	for rank, w := range strings.Fields(wordsFile) {
		last := uint8(0)
		for _, c := range []byte(w + " ") {
			count[last][letter[c]] += 1 / float64(rank+8) // Zipf's law
			last = letter[c]
		}
	}
	return count
}

func bits16(ratio float64) int32 {
	return int32(16 * max(-4, min(4, math.Log2(ratio))))
}

func rot13Index(i int) int {
	if i == 0 {
		return 0
	}
	return (i+12)%26 + 1
}

// letter numbers the small letters from 1. Everything else is 0.
var letter = func() (number [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		number[c] = uint8(c - 'a' + 1)
	}
	return number
}()

// The evidence that it takes, in sixteenths of a bit: letters of ROT13 are unlike
// those of a text, reversed ones are only in the wrong order.
const (
	rot13Limit    = 16 * 18
	reversedLimit = 16 * 12
)

// readDrift reads what is English in ROT13 or backwards. It follows by how much
// each was likelier since it was last as likely as not (Page, 1954).
func (f *finder) readDrift() {
	text, by := f.views.Folded, pairs()
	rot, rev := f.edits(Folded), f.edits(Folded)
	rotSum, revSum, last := int32(0), int32(0), uint8(0)
	for i := range len(text) {
		at := letter[text[i]]
		d := &by[(uint(last)<<5|uint(at))&1023]
		last = at
		rotSum, revSum = max(rotSum+d.rot13, 0), max(revSum+d.reversed, 0)
		if rotSum < rot13Limit && revSum < reversedLimit {
			continue
		}
		if rotSum >= rot13Limit && i >= rot.last {
			rotate(&rot, by.start(text, i, rotSum, ofRot13), by.end(text, i, rot13Limit, ofRot13))
			rotSum = 0 // what follows is new evidence
		}
		if revSum >= reversedLimit && i >= rev.last {
			reverse(&rev, by.start(text, i, revSum, ofReversed), by.end(text, i, reversedLimit, ofReversed))
			revSum = 0
		}
	}
	if end := len(text) - 1; end >= 0 {
		f.open(Rot13, Folded, by.start(text, end, rotSum, ofRot13)-2*margin)
		f.open(Reversed, Folded, by.start(text, end, revSum, ofReversed)-2*margin)
	}
	f.add(&rot, Rot13, english(rot.text))
	f.add(&rev, Reversed, english(rev.text))
}

func ofRot13(d *drift) int32    { return d.rot13 }
func ofReversed(d *drift) int32 { return d.reversed }

// at returns the drift at text[i].
func (by *drifts) at(text string, i int) *drift {
	last := uint8(0)
	if i > 0 {
		last = letter[text[i-1]]
	}
	return &by[uint(last)<<5|uint(letter[text[i]])]
}

// start returns from where the evidence before text[i+1] came to sum.
func (by *drifts) start(text string, i int, sum int32, of func(*drift) int32) int {
	for ; i > 0 && sum > 0; i-- {
		if sum -= of(by.at(text, i)); sum <= 0 {
			return i
		}
	}
	return 0
}

// end returns where the evidence is greatest, from text[i] to where it has fallen
// off again by the limit.
func (by *drifts) end(text string, i int, limit int32, of func(*drift) int32) int {
	sum, peak, end := int32(0), int32(0), i+1
	for i++; i < len(text) && sum > peak-limit; i++ {
		if sum += of(by.at(text, i)); sum > peak {
			peak, end = sum, i+1
		}
	}
	return end
}
