package pattern

import (
	"regexp/syntax"
	"strings"
)

// needle returns the longest literal that every match of re holds, "" if there is none:
// where a text has none further on, there is no match.
func needle(re *syntax.Regexp) (found string) {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			found = string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return needle(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needle(re.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if n := needle(sub); len(n) > len(found) {
				found = n
			}
		}
	}
	return found
}

// pursuit looks for a needle in the stretches of a text where matches may lie, at no
// byte twice. It begins with found at -1.
type pursuit struct {
	needle string
	found  int // where it was found last
	clear  int // it does not begin between there and here
}

// follows reports whether a match that begins at i can hold the needle. From one call
// to the next i does not fall.
func (p *pursuit) follows(text string, i int) bool {
	end := min(len(text), i+MaxMatch)
	if p.needle == "" {
		return true
	}
	if p.found >= i {
		return p.found+len(p.needle) <= end
	}
	from := max(i, p.clear)
	if from >= end {
		return false
	}
	n := strings.Index(text[from:end], p.needle)
	if n < 0 {
		p.clear = max(from, end-len(p.needle)+1)
		return false
	}
	p.found = from + n
	return true
}
