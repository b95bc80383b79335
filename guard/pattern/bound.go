package pattern

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// unbounded stands for a length without end, or one too long to be told.
const unbounded = 1 << 20

// maxBytes returns the length of the longest match of re.
func maxBytes(re *syntax.Regexp) int {
	n := 0
	switch re.Op {
	case syntax.OpLiteral:
		if n = len(string(re.Rune)); re.Flags&syntax.FoldCase != 0 {
			n = utf8.UTFMax * len(re.Rune) // k also matches the Kelvin sign
		}
	case syntax.OpCharClass:
		if len(re.Rune) > 0 {
			n = utf8.RuneLen(slices.Max(re.Rune))
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		n = utf8.UTFMax
	case syntax.OpCapture, syntax.OpQuest:
		n = maxBytes(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		n = unbounded
	case syntax.OpRepeat:
		if n = unbounded; re.Max >= 0 {
			n = maxBytes(re.Sub[0]) * re.Max
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			n += maxBytes(sub)
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			n = max(n, maxBytes(sub))
		}
	}
	return min(n, unbounded)
}

func bytesOrMore(n int) string {
	if n == unbounded {
		return "no end"
	}
	return fmt.Sprintf("%d bytes", n)
}
