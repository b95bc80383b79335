package wordpiece

import "unicode/utf8"

// byteKind sorts bytes so that one comparison finds the end of a plain word.
type byteKind uint8

const (
	// letterByte is a letter or a digit: the only ASCII that makes up words.
	letterByte byteKind = iota
	// spaceByte and punctuationByte end a word.
	spaceByte
	punctuationByte
	// controlByte is dropped, so it does not end a word.
	controlByte
	// wideByte is part of a character beyond ASCII.
	wideByte
)

// ends reports whether a word that reaches this byte is over.
func (k byteKind) ends() bool { return k == spaceByte || k == punctuationByte }

// ascii is the kind of every byte.
var ascii = func() (kinds [256]byteKind) {
	for b := range kinds {
		switch c := byte(b); {
		case c >= utf8.RuneSelf:
			kinds[b] = wideByte
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			kinds[b] = spaceByte
		case c < ' ' || c == 0x7f:
			kinds[b] = controlByte
		case '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z':
			kinds[b] = letterByte
		default:
			kinds[b] = punctuationByte
		}
	}
	return kinds
}()

// identity leaves every byte as it is.
var identity = func() (t [256]byte) {
	for b := range t {
		t[b] = byte(b)
	}
	return t
}()

// lowerASCII makes A to Z small.
var lowerASCII = func() (t [256]byte) {
	t = identity
	for c := 'A'; c <= 'Z'; c++ {
		t[c] = byte(c + 'a' - 'A')
	}
	return t
}()
