package decode

import (
	_ "embed"
	"strings"
	"sync"
)

// wordsFile lists the commonest English words of prompts, of attacks among them,
// by how often texts use them.
//
//go:embed words.txt
var wordsFile string

// lexicon is a tree of words by their letters.
type lexicon struct {
	next [][26]uint16
	cost []uint16 // of the word that ends there; 0: none does
}

var words = sync.OnceValue(func() *lexicon {
	l := &lexicon{}
	l.grow()
	for rank, w := range strings.Fields(wordsFile) {
		l.add(w, rank)
	}
	l.add("a", 0)
	l.add("i", 0)
	return l
})

func (l *lexicon) grow() uint16 {
	l.next = append(l.next, [26]uint16{})
	l.cost = append(l.cost, 0)
	return uint16(len(l.cost) - 1)
}

// add adds a word. The rarer a word, the more it costs: by Zipf's law its
// probability is 1/rank, and its cost the logarithm, here in half bits.
func (l *lexicon) add(word string, rank int) {
	at := uint16(0)
	for i := range len(word) {
		c := word[i] - 'a'
		if l.next[at][c] == 0 {
			n := l.grow()
			l.next[at][c] = n
		}
		at = l.next[at][c]
	}
	l.cost[at] = uint16(2*bitLen(rank+8) + 2)
}

func bitLen(n int) (bits int) {
	for ; n > 0; n >>= 1 {
		bits++
	}
	return bits
}

// knows reports whether word, in small letters, is in the list. A plural and the
// like of a word in the list is known too.
func (l *lexicon) knows(word []byte) bool {
	at := uint16(0)
	for i, b := range word {
		c := b - 'a'
		if c >= 26 {
			return false
		}
		if l.cost[at] > 0 && i >= 3 && ending(word[i:]) {
			return true
		}
		if at = l.next[at][c]; at == 0 {
			return false
		}
	}
	return l.cost[at] > 0
}

func ending(s []byte) bool {
	switch string(s) {
	case "s", "d", "ed", "es", "ing", "ly":
		return true
	}
	return false
}
