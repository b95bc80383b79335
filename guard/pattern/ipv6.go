package pattern

import (
	"net/netip"
	"strings"
)

// ipv6 takes all that could be part of the address and judges it whole: one that
// the world can reach (2000::/3), and no part of a longer chain such as a key's
// fingerprint.
func ipv6(text string, m match) (match, int, bool) {
	const digits, longest = "0123456789abcdefABCDEF:", len("2001:0db8:0000:0000:0000:0000:0000:0001")
	end := spanOf(text[:min(len(text), m.start+longest+1)], m.start, digits)
	chain := strings.TrimRight(text[m.start:end], ":")
	a, err := netip.ParseAddr(chain)
	joined := m.start > 0 && (strings.IndexByte(base64URL+":.", text[m.start-1]) >= 0) ||
		end < len(text) && strings.IndexByte(base64URL, text[end]) >= 0
	if err != nil || joined || !global.Contains(a) || gluedToPlaceholder(text, m.start, m.start+len(chain)) {
		return m, max(end, m.end), false
	}
	return match{m.start, m.start + len(chain)}, end, true
}

var global = netip.MustParsePrefix("2000::/3")
