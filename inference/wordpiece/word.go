package wordpiece

import "unicode/utf8"

// word collects the folded characters of one word, at most maxWordRunes: of a
// longer one only the start is needed, for its span.
type word struct {
	folds   [maxWordRunes]folded
	offsets [maxWordRunes]int // of the character in the text that each came from
	runes   int
	run     int // where the current run of combining marks starts
	long    bool

	bytes [maxWordRunes * utf8.UTFMax]byte
	marks [maxWordRunes * utf8.UTFMax]mark // valid where a character starts
}

// push adds a character from offset i. A mark goes before the marks of its run
// that have a higher class, the canonical order. The offsets stay in ascending
// order, so spans do; and as no more than maxWordRunes are kept, a long run of
// marks costs no more than a bounded step each.
func (w *word) push(f folded, i int) {
	if w.runes == maxWordRunes {
		w.long = true
		return
	}
	at := w.runes
	if class := f.class(); class == 0 {
		w.run = at + 1
	} else {
		for ; at > w.run && w.folds[at-1].class() > class; at-- {
			w.folds[at] = w.folds[at-1]
		}
	}
	w.folds[at] = f
	w.offsets[w.runes] = i
	w.runes++
}

// seal ends the run of marks: those to come are not sorted before it.
func (w *word) seal() { w.run = w.runes }

// encode returns the word in UTF-8 and sets the marks of its characters. It
// returns nothing for a word that is too long.
func (w *word) encode() []byte {
	if w.long {
		return nil
	}
	out := w.bytes[:0]
	for i, f := range w.folds[:w.runes] {
		m := at(w.offsets[i])
		if i > 0 && w.offsets[i] == w.offsets[i-1] {
			m = within(w.offsets[i])
		}
		w.marks[len(out)] = m
		out = utf8.AppendRune(out, f.rune())
	}
	return out
}

func (w *word) reset() { w.runes, w.run, w.long = 0, 0, false }
