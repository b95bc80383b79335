package pattern

import "strings"

// card is luhn for the number of a payment card. It may be parted by the end of one line, if no
// digits go on beside it as they do in tables.
func card(text string, m match) (match, int, bool) {
	number := text[m.start:m.end]
	ends := strings.Count(number, "\n")
	alone := ends == 0 || !digitBeside(text[:m.start], true) && !digitBeside(text[m.end:], false)
	return verdict(m, ends < 2 && alone && luhn(number))
}

// digitBeside reports whether the last or the first of s but a few signs is a digit.
func digitBeside(s string, last bool) bool {
	const between = " \t\r\n-|,;"
	const most = 8
	if last {
		s = strings.TrimRight(s[max(0, len(s)-most):], between)
		return s != "" && isDigit(s[len(s)-1])
	}
	s = strings.TrimLeft(s[:min(len(s), most)], between)
	return s != "" && isDigit(s[0])
}
