package tokens

// Both encodings cut a text into pieces with a pattern whose alternatives a
// backtracking engine tries in order. Here each pattern is a function that returns
// the end of the piece that begins at i < len(text), and how far it looked to find it:
// seen is at least end, and nothing was read but what stands before seen, one
// character behind it, and a contraction behind end. What follows cannot move a piece
// that is settled so.
//
// The time is in proportion to seen - i, and a whole text is cut in linear time:
// TestCuttingIsLinear adds up what is seen.

// cl100kEnd cuts as the pattern of cl100k_base does:
//
//	'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+|
//	 ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s
func cl100kEnd(text string, i int) (end, seen int) {
	if n := contraction(text[i:]); n > 0 {
		return i + n, i + n
	}
	first, size := classAt(text, i)
	after := i + size
	switch {
	case first&letter != 0:
		return reached(skip(text, after, letter))
	case first == number:
		return reached(numberEnd(text, after))
	case first == newline:
		return spaceEnd(text, i)
	}
	if after < len(text) {
		switch next, _ := classAt(text, after); {
		case next&letter != 0:
			return reached(skip(text, after, letter))
		case next&(symbol|mark) != 0 && text[i] == ' ':
			return reached(symbolEnd(text, after))
		}
	}
	if first == space {
		return spaceEnd(text, i)
	}
	return reached(symbolEnd(text, after))
}

// reached is for a piece that ends where the search for its end did.
func reached(end int) (int, int) { return end, end }

// symbolEnd ends ?[^\s\p{L}\p{N}]+[\r\n]*, with i anywhere inside the symbols.
func symbolEnd(text string, i int) int {
	return skip(text, skip(text, i, symbol|mark), newline)
}

// contraction returns the length of 's, 't, 're, 've, 'm, 'll or 'd at the start of
// text in any case, 0 if there is none. Case folding makes the long s (U+017F) an s.
func contraction(text string) int {
	if len(text) < 2 || text[0] != '\'' {
		return 0
	}
	switch text[1] | 0x20 {
	case 's', 't', 'm', 'd':
		return 2
	}
	if len(text) < 3 {
		return 0
	}
	if text[1:3] == "ſ" {
		return 3
	}
	switch [2]byte{text[1] | 0x20, text[2] | 0x20} {
	case [2]byte{'r', 'e'}, [2]byte{'v', 'e'}, [2]byte{'l', 'l'}:
		return 3
	}
	return 0
}

// numberEnd ends \p{N}{1,3}, whose first character ends at i.
func numberEnd(text string, i int) int {
	for range 2 {
		if i == len(text) {
			break
		}
		c, size := classAt(text, i)
		if c != number {
			break
		}
		i += size
	}
	return i
}

// spaceEnd ends \s*[\r\n]+|\s+(?!\S)|\s+: white space up to and with its last line
// break; without one, up to the end of the text; else all but the last character,
// which belongs to what follows unless it is alone.
//
// cl100k_base takes white space at the end of a text as one piece. The count is the
// same, since no token goes on after its last line break: TestNoTokenLeavesALine.
func spaceEnd(text string, i int) (end, seen int) {
	last, lineEnd := i, i
	for seen = i; seen < len(text); {
		c, size := classAt(text, seen)
		if c&(space|newline) == 0 {
			break
		}
		last = seen
		seen += size
		if c == newline {
			lineEnd = seen
		}
	}
	switch {
	case lineEnd > i:
		return lineEnd, seen
	case seen == len(text) || last == i:
		return seen, seen
	}
	return last, seen
}
