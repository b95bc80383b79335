package pattern

import (
	"net/netip"
	"slices"
	"strings"
)

// ipv4 refuses at once whatever numbers are joined by dots to more or less than
// an address, and what is a version or a section by the word in front.
func ipv4(text string, m match) (match, int, bool) {
	const before = 48
	chain := strings.TrimRight(text[m.start:spanOf(text, m.start, "0123456789.")], ".")
	joined := m.start > 1 && text[m.start-1] == '.' && isDigit(text[m.start-2])
	a, err := netip.ParseAddr(chain)
	joined = joined || gluedToPlaceholder(text, m.start, m.start+len(chain))
	if err != nil || joined || !personal(a) || numbered(text[max(0, m.start-before):m.start]) {
		return m, m.start + len(chain), false
	}
	return m, m.end, true
}

// gluedToPlaceholder reports whether [start, end) is joined by a dot to what has
// given way to a placeholder: before, it was part of a longer number.
func gluedToPlaceholder(text string, start, end int) bool {
	return start > 0 && text[start-1] == '.' && behindPlaceholder(text[:start-1]) ||
		end < len(text) && text[end] == '.' && beforePlaceholder(text[end+1:])
}

// Words behind which a number with dots is no address, and words that may stand
// between.
var (
	numbering = strings.Fields("version versions ver v section sections sec sect release releases chapter chapters clause clauses " +
		"article articles paragraph paragraphs para build builds revision revisions rev firmware appendix figure figures fig table")
	linking = strings.Fields("is was are now number no to of")
)

// numbered reports whether text ends with such a word.
func numbered(text string) bool {
	const words = 3
	for range words {
		text = strings.TrimRight(text, " .:=\"'(")
		if strings.HasSuffix(text, "§") {
			return true
		}
		i := len(text)
		for i > 0 && (text[i-1]|0x20)-'a' < 26 {
			i--
		}
		word := strings.ToLower(text[i:])
		if !slices.Contains(linking, word) {
			return slices.Contains(numbering, word)
		}
		text = text[:i]
	}
	return false
}

// resolvers are public name servers that everybody names.
var resolvers = []string{"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "208.67.222.222", "208.67.220.220"}

// personal reports whether an IPv4 address can be that of a person's connection:
// no private, shared, reserved or group address (RFC 6890) and no resolver.
func personal(a netip.Addr) bool {
	if !a.Is4() {
		return false
	}
	const multicast = 224 // from here on groups, reserved ones and masks
	first := a.As4()[0]
	return first != 0 && first < multicast && !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast() &&
		!slices.Contains(resolvers, a.String())
}

// phone refuses what E.164 does not allow, and parts of longer numbers, sums and
// codes. Groups of digits that would be too many, or that a dash joins to more digits,
// belong to the next number.
func phone(text string, m match) (match, int, bool) {
	const least, most = 8, 15
	digits := digitsIn(text[m.start:m.end])
	for digits > most || digitsFollow(text[m.end:]) {
		last := strings.LastIndexAny(text[m.start:m.end], " .-")
		if last < 0 {
			return verdict(m, false)
		}
		m.end = m.start + last
		digits = digitsIn(text[m.start:m.end])
	}
	return verdict(m, digits >= least && !codeFollows(text[m.end:]) && !partOfMore(text, m))
}

func digitsIn(s string) int {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// digitsFollow reports whether a dash joins more digits to a number: -1120.
func digitsFollow(rest string) bool { return len(rest) > 1 && rest[0] == '-' && isDigit(rest[1]) }

// codeFollows reports whether a number goes on as part numbers do: -B.
func codeFollows(rest string) bool {
	return len(rest) > 1 && rest[0] == '-' && (strings.IndexByte(letters, rest[1]) >= 0 || beforePlaceholder(rest[1:]))
}

// partOfMore reports whether what stands in front makes a number no telephone
// number. What is written as only telephone numbers are may follow anything but
// a sum; so the same holds when what stands in front has given way to a
// placeholder.
func partOfMore(text string, m match) bool {
	front := text[:m.start]
	switch {
	case front == "" || text[m.start] == '(':
		return false
	case text[m.start] != '+':
		return strings.IndexByte("+-.", front[len(front)-1]) >= 0 && !strings.HasSuffix(front, "--")
	case strings.ContainsAny(text[m.start:m.end], " .-("):
		return endsWithTerm(front)
	}
	return strings.IndexByte(letters+"+-.", front[len(front)-1]) >= 0 || behindPlaceholder(front)
}

// endsWithTerm reports whether text ends with a small number, which is no part of
// a number in groups: the first term of a sum.
func endsWithTerm(text string) bool {
	const most = 7
	i := len(text)
	for i > 0 && len(text)-i <= most && isDigit(text[i-1]) {
		i--
	}
	grouped := i > 1 && strings.IndexByte(" .-", text[i-1]) >= 0 && isDigit(text[i-2])
	word := i > 0 && strings.IndexByte(base64URL, text[i-1]) >= 0
	return i < len(text) && !grouped && !word
}
