package tokens

// pieceEnd returns the end of the piece of text that begins at i < len(text), as
// the pattern of cl100k_base cuts it:
//
//	(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
//	 ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// The alternatives are tried in this order, as a backtracking engine does; the
// branches below say which one they are. Cutting a whole text is linear: no byte
// is looked at more than twice, apart from one character of lookahead.
func pieceEnd(text string, i int) int {
	if text[i] == '\'' {
		if n := contraction(text[i+1:]); n > 0 {
			return i + 1 + n
		}
	}
	first, size := classAt(text, i)
	after := i + size
	switch first {
	case letter:
		return skip(text, after, letter)
	case number:
		return numberEnd(text, after)
	case newline:
		return spaceEnd(text, i)
	}
	if after < len(text) {
		switch next, _ := classAt(text, after); {
		case next == letter:
			return skip(text, after, letter)
		case next == symbol && text[i] == ' ':
			return symbolEnd(text, after)
		}
	}
	if first == symbol {
		return symbolEnd(text, after)
	}
	return spaceEnd(text, i)
}

// contraction returns the length of s|t|re|ve|m|ll|d at the start of text in any
// case, 0 if there is none. Case folding makes the long s (U+017F) an s.
func contraction(text string) int {
	if len(text) == 0 {
		return 0
	}
	switch text[0] | 0x20 {
	case 's', 't', 'm', 'd':
		return 1
	}
	if len(text) < 2 {
		return 0
	}
	if text[:2] == "ſ" {
		return 2
	}
	switch [2]byte{text[0] | 0x20, text[1] | 0x20} {
	case [2]byte{'r', 'e'}, [2]byte{'v', 'e'}, [2]byte{'l', 'l'}:
		return 2
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

// symbolEnd ends ?[^\s\p{L}\p{N}]+[\r\n]*, with i anywhere inside the symbols.
func symbolEnd(text string, i int) int {
	return skip(text, skip(text, i, symbol), newline)
}

// spaceEnd ends the last three alternatives: white space up to and with its last
// line break; without one, up to the end of the text; else all but the last
// character, which belongs to what follows unless it is alone.
func spaceEnd(text string, i int) int {
	end, last, lineEnd := i, i, i
	for end < len(text) {
		c, size := classAt(text, end)
		if c != space && c != newline {
			break
		}
		last = end
		end += size
		if c == newline {
			lineEnd = end
		}
	}
	switch {
	case lineEnd > i:
		return lineEnd
	case end == len(text) || last == i:
		return end
	}
	return last
}
