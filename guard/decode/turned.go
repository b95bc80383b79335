package decode

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// turned are letters and digits that stand for others on their heads, and what those are. Letters
// that look the same both ways stand for themselves, and so do all others.
var turned = map[rune]byte{
	'ɐ': 'a', 'q': 'b', 'ɔ': 'c', 'p': 'd', 'ǝ': 'e', 'ə': 'e', 'ɟ': 'f', 'ƃ': 'g', 'ᵷ': 'g', 'ɥ': 'h', 'ı': 'i', 'ᴉ': 'i', 'ɾ': 'j', 'ɿ': 'j',
	'ʞ': 'k', 'ʃ': 'l', 'ꞁ': 'l', 'ɯ': 'm', 'u': 'n', 'd': 'p', 'b': 'q', 'ɹ': 'r', 'ʇ': 't', 'n': 'u', 'ʌ': 'v', 'ʍ': 'w', 'ʎ': 'y',
	'∀': 'a', 'Ɔ': 'c', 'Ǝ': 'e', 'Ⅎ': 'f', '⅁': 'g', 'ſ': 'j', '˥': 'l', 'W': 'm', 'M': 'w', 'Ԁ': 'p', '┴': 't', '∩': 'u', 'Λ': 'v', '⅄': 'y',
	'Ɩ': '1', '⇂': '1', 'ᄅ': '2', '↊': '2', 'Ɛ': '3', '↋': '3', 'ㄣ': '4', 'ᔭ': '4', 'ϛ': '5', '9': '6', 'ㄥ': '7', '6': '9',
	'˙': '.', '¡': '!', '¿': '?', '\'': ',', ',': '\'',
}

// turnedLead begins seven of the turned letters, of the commonest ones in English four:
// a text on its head has one within a few words, and most texts have none.
const turnedLead = "\xc9"

// besides is how many words without a turned letter go on with those that have one.
const besides = 2

// readTurned reads text that stands on its head, which runs from its end to its
// beginning, or has its letters turned one by one.
func (f *finder) readTurned() {
	text := f.views.Clean
	if !strings.Contains(text, turnedLead) {
		return
	}
	b := f.edits(Clean)
	var row [][2]int // the words of a stretch, and those before it
	last := -1       // of them has a turned letter; -1: none has
	for start, end := range b.spacedWords() {
		row = append(row, [2]int{start, end})
		switch {
		case hasTurned(text[start:end]):
			last = len(row) - 1
		case last < 0 && len(row) > besides:
			row = row[1:]
		case last >= 0 && len(row)-1-last > besides:
			b.turn(row)
			row, last = row[len(row)-besides:], -1
		}
	}
	if last >= 0 {
		f.open(Turned, Clean, row[0][0])
		b.turn(row)
	}
	f.add(&b, Turned, english(b.text))
}

// spacedWords yields the stretches of the view between spaces and line ends.
func (b *builder) spacedWords() func(yield func(start, end int) bool) {
	return func(yield func(start, end int) bool) {
		for i := 0; i < len(b.view); {
			end := i
			for end < len(b.view) && b.view[end] > ' ' {
				end++
			}
			if end > i && !yield(i, end) {
				return
			}
			i = end + 1
		}
	}
}

// hasTurned reports whether a letter stands on its head that no other text has.
func hasTurned(word string) bool {
	for _, r := range word {
		if r >= utf8.RuneSelf && turned[r] != 0 {
			return true
		}
	}
	return false
}

// turn adds words turned around, the last first, or in their order if more of them are
// English then.
func (b *builder) turn(row [][2]int) {
	var around, inOrder []byte
	for i := range row {
		from, to := row[i][0], row[i][1]
		inOrder = append(upright(inOrder, b.view[from:to]), ' ')
		from, to = row[len(row)-1-i][0], row[len(row)-1-i][1]
		around = append(backwards(around, string(upright(nil, b.view[from:to]))), ' ')
	}
	read := func(word string) []byte { return backwards(nil, string(upright(nil, word))) }
	if knownPart(inOrder) > knownPart(around) {
		around, read = inOrder, func(word string) []byte { return upright(nil, word) }
	} else {
		row = slices.Clone(row)
		slices.Reverse(row)
	}
	if !hasEnglish(around) {
		return
	}
	b.next()
	for _, w := range row {
		b.word(append(read(b.view[w[0]:w[1]]), ' '), w[0], w[1])
	}
}

// upright appends the letters of a word as they are when it is turned.
func upright(dst []byte, word string) []byte {
	for _, r := range word {
		if c := turned[r]; c != 0 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}
