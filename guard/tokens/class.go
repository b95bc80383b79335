package tokens

import "unicode/utf8"

// class is what the patterns of the encodings distinguish about a character: one
// bit, so that a set of classes is their sum.
type class uint8

const (
	symbol  class = 1 << iota // nothing of what follows
	mark                      // \p{M}
	upper                     // \p{Lu} or \p{Lt}
	lower                     // \p{Ll}
	other                     // \p{Lm} or \p{Lo}, letters without case
	number                    // \p{N}
	space                     // \s, that is White_Space, but for
	newline                   // \r and \n

	letter = upper | lower | other
)

// ascii is the class of every ASCII character.
var ascii = func() (t [utf8.RuneSelf]class) {
	for r := range rune(utf8.RuneSelf) {
		t[r] = classOf(r)
	}
	return t
}()

// classAt returns the class of the character that begins at text[i] and its
// length in bytes. A byte that is no UTF-8 is a symbol of its own.
func classAt(text string, i int) (class, int) {
	if b := text[i]; b < utf8.RuneSelf {
		return ascii[b], 1
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	return classOf(r), size
}

// classOf looks r up. The last entry of the index stands for all that follow.
func classOf(r rune) class {
	page := classIndex[min(int(r>>7), len(classIndex)-1)]
	return classNames[classPages[int(page)<<7|int(r&0x7f)]]
}

// skip returns the end of the run of characters of the classes in set that begins
// at i.
func skip(text string, i int, set class) int {
	for i < len(text) {
		k, size := classAt(text, i)
		if k&set == 0 {
			break
		}
		i += size
	}
	return i
}
