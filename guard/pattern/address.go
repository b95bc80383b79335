package pattern

import (
	"net/netip"
	"regexp"
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
	if err != nil || joined || !personal(a) || numbered.MatchString(text[max(0, m.start-before):m.start]) {
		return m, m.start + len(chain), false
	}
	return m, m.end, true
}

// numbered is the end of a text behind which a number with dots is no address.
var numbered = regexp.MustCompile(`(?i)(?:§|\b(?:versions?|ver|v|sections?|sect?|releases?|chapters?|clauses?|articles?|paragraphs?|para|builds?|revisions?|rev|firmware|appendix|figure|fig|table))` +
	`[ .:="'(]{0,4}(?:(?:is|was|are|now|number|no|to|of)[ .:="'(]{1,4}){0,2}$`)

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
// codes.
func phone(text string, m match) (match, int, bool) {
	digits := 0
	for i := m.start; i < m.end; i++ {
		if isDigit(text[i]) {
			digits++
		}
	}
	rest := text[m.end:]
	code := len(rest) > 1 && rest[0] == '-' && strings.IndexByte(letters, rest[1]) >= 0
	return verdict(m, 8 <= digits && digits <= 15 && !code && !partOfMore(text, m))
}

// partOfMore reports whether what stands in front makes a number no telephone number.
func partOfMore(text string, m match) bool {
	return m.start > 0 && strings.IndexByte(letters+"+-.", text[m.start-1]) >= 0
}
