package pattern

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// needs is what a text must hold for a pattern to have a match in it. It is read
// off the pattern and errs on one side only: a text that does not meet it has no
// match, one that does may have none.
type needs struct {
	sets     [][]string // one literal of each set at least
	firstSet int        // the number of the first one in subject.seen
	digits   int        // so many ASCII digits within bytes of one another
	within   int
	nonASCII bool // a character outside ASCII
	control  bool // a control character that is no white space
}

func needsOf(re *syntax.Regexp) needs {
	return needs{
		sets:     required(re),
		digits:   atLeast(re, '0', '9'),
		within:   maxBytes(re),
		nonASCII: atLeast(re, utf8.RuneSelf, utf8.MaxRune) > 0,
		control:  atLeast(re, 0, '\b') > 0 || atLeast(re, 0x0E, 0x1F) > 0,
	}
}

func (n needs) met(s *subject) bool {
	if n.nonASCII && s.isASCII() || n.control && !s.hasControl() || n.digits > 0 && !s.hasDigits(n.digits, n.within) {
		return false
	}
	return !slices.Contains(s.seen[n.firstSet:n.firstSet+len(n.sets)], false)
}

// atLeast returns how many characters of [lo, hi] every match holds.
func atLeast(re *syntax.Regexp, lo, hi rune) int {
	n := 0
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if lo <= r && r <= hi && re.Flags&syntax.FoldCase == 0 {
				n++
			}
		}
	case syntax.OpCharClass:
		if len(re.Rune) > 0 && slices.Min(re.Rune) >= lo && slices.Max(re.Rune) <= hi {
			n = 1
		}
	case syntax.OpCapture, syntax.OpPlus:
		n = atLeast(re.Sub[0], lo, hi)
	case syntax.OpRepeat:
		n = re.Min * atLeast(re.Sub[0], lo, hi)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			n += atLeast(sub, lo, hi)
		}
	case syntax.OpAlternate:
		n = atLeast(re.Sub[0], lo, hi)
		for _, sub := range re.Sub[1:] {
			n = min(n, atLeast(sub, lo, hi))
		}
	}
	return n
}
