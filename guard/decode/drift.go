package decode

import (
	"math"
	"strings"
	"sync"
)

// drift says how much likelier two neighbouring letters are if the text is English
// read another way than if it is English as it stands, in sixteenths of a bit.
// Letters are 1 to 26; 0 is whatever stands between words.
type drift [32 * 32]int16

// drifts are those of ROT13 and of reversed text.
type drifts struct{ rot13, reversed drift }

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
			d.rot13[a<<5|b] = bits16(after[rot13Index(a)][rot13Index(b)] / after[a][b])
			d.reversed[a<<5|b] = bits16(count[b][a] / count[a][b])
		}
	}
	d.rot13[0], d.reversed[0] = -8, -8 // what has no letters is no text
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

func bits16(ratio float64) int16 {
	return int16(16 * max(-4, min(4, math.Log2(ratio))))
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

// drifting is what follows one drift through a text: by how much it was likelier
// since it was last as likely as not (Page, 1954).
type drifting struct {
	sum, peak  int
	start, end int // from where the sum grew, and to where
	limit      int
}

// step takes the pair that ends before i. It reports a region when the evidence for
// it is enough and has fallen off again.
func (d *drifting) step(by int16, i int) (region bool) {
	d.sum += int(by)
	if d.sum > d.peak {
		d.peak, d.end = d.sum, i
		return false
	}
	if d.sum <= 0 || d.sum < d.peak-d.limit {
		region = d.peak >= d.limit
		if !region {
			d.restart(i)
		}
	}
	return region
}

func (d *drifting) restart(i int) { d.sum, d.peak, d.start, d.end = 0, 0, i, i }

// The evidence that it takes, in sixteenths of a bit: letters of ROT13 are unlike
// those of a text, reversed ones are only in the wrong order.
const (
	rot13Limit    = 16 * 18
	reversedLimit = 16 * 12
)

// readDrift reads what is English in ROT13 or backwards.
func (f *finder) readDrift() {
	text, by := f.views.Folded, pairs()
	rot, rev := f.edits(text), f.edits(text)
	r, v := drifting{limit: rot13Limit}, drifting{limit: reversedLimit}
	last := uint(0)
	for i := range len(text) {
		at := uint(letter[text[i]])
		pair := (last<<5 | at) & 1023
		last = at
		if r.step(by.rot13[pair], i+1) {
			rotate(&rot, r.start, r.end)
			r.restart(i + 1)
		}
		if v.step(by.reversed[pair], i+1) {
			reverse(&rev, v.start, v.end)
			v.restart(i + 1)
		}
	}
	if r.peak >= r.limit {
		rotate(&rot, r.start, r.end)
	}
	if v.peak >= v.limit {
		reverse(&rev, v.start, v.end)
	}
	f.add(&rot, Rot13, english(rot.text))
	f.add(&rev, Reversed, english(rev.text))
}
