package tokens

// o200kEnd cuts as the pattern of o200k_base does, with X for [^\r\n\p{L}\p{N}],
// U for [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], L for [\p{Ll}\p{Lm}\p{Lo}\p{M}] and C for
// (?i:'s|'t|'re|'ve|'m|'ll|'d):
//
//	X?U*L+C?|X?U+L*C?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
func o200kEnd(text string, i int) (end, seen int) {
	first, size := classAt(text, i)
	after := i + size
	if end, seen = o200kWord(text, i, after, first); end > i {
		end += contraction(text[end:])
		return end, max(end, seen)
	}
	switch {
	case first == number:
		return reached(numberEnd(text, after))
	case first == symbol:
		return reached(slashedEnd(text, after))
	case text[i] == ' ' && after < len(text):
		if next, _ := classAt(text, after); next == symbol {
			return reached(slashedEnd(text, after))
		}
	}
	return spaceEnd(text, i)
}

// o200kWord ends X?U*L+|X?U+L*, where the first character ends at after; it returns
// i if there is no such word. The choices come in the order of the engine: with X
// before without, U*L+ before U+L*. In the end the second L* is empty and U means
// capitals, as all else is a word of the first kind.
func o200kWord(text string, i, after int, first class) (end, seen int) {
	if first&(letter|number|newline) == 0 {
		if end, seen = lowerEnd(text, after); end > after {
			return end, seen
		}
		if first == mark {
			return after, seen
		}
		if seen > after {
			return seen, seen
		}
		return i, i
	}
	if end, seen = lowerEnd(text, i); end > i {
		return end, seen
	}
	return seen, seen
}

// lowerEnd ends U*L+ from i on, which it returns if there is no such word; seen is
// the end of U* then. U* takes what it can; if no L comes after that, the last
// character of the run that is an L too has to do, and what stands behind it is left
// to the next piece.
func lowerEnd(text string, i int) (end, seen int) {
	end, seen = i, i
	for seen < len(text) {
		c, size := classAt(text, seen)
		if c&(upper|other|mark) == 0 {
			break
		}
		seen += size
		if c != upper {
			end = seen
		}
	}
	if lowers := skip(text, seen, lower|other|mark); lowers > seen {
		return lowers, lowers
	}
	return end, seen
}

// slashedEnd ends ?[^\s\p{L}\p{N}]+[\r\n/]*, with i anywhere inside the symbols.
func slashedEnd(text string, i int) int {
	i = skip(text, i, symbol|mark)
	for i < len(text) && (text[i] == '\r' || text[i] == '\n' || text[i] == '/') {
		i++
	}
	return i
}
