package pattern

import (
	"math"
	"strings"
	"unicode/utf8"
)

// A judge looks at a match of a rule. If it counts, the judge returns what the
// finding is, which may be less or more than the match; next is then its end. If
// it does not count, no other match can begin before next. A judge reads little
// more than it skips, so that hostile texts cannot have one part of them read
// over and over.
type judge func(text string, m match) (finding match, next int, ok bool)

// whole makes a judge of what looks at nothing but the match.
func whole(holds func(match string) bool) judge {
	return func(text string, m match) (match, int, bool) {
		return verdict(m, holds(text[m.start:m.end]))
	}
}

// verdict lets the match stand, or goes on behind its first byte.
func verdict(m match, ok bool) (match, int, bool) {
	if ok {
		return m, m.end, true
	}
	return m, m.start + 1, false
}

// validators are what Rule.Validate can name.
var validators = map[string]judge{
	"email":    email,       // the address around an @ and its domain
	"phone":    phone,       // as many digits as numbers have, and not in the midst of others
	"luhn":     whole(luhn), // a number whose check digit is right
	"card":     card,        // a payment card's, in one line or in two
	"ssn":      whole(ssn),  // a social security number that can have been issued
	"azure":    azure,       // a token and the three characters of it before the match
	"value":    value,       // a value too irregular to be words, up to its end
	"token":    token,       // a token with all that belongs to it
	"url":      credentials, // the password in a URL
	"ipv4":     ipv4,        // an address, not this host's own and no part of a longer number
	"ipv6":     ipv6,        // an address that the world can reach, and all of it
	"iban":     iban,        // an account number of its country's length whose checksum is right
	"jwt":      jwt,         // the three parts of a signed token, however long
	"pem":      pem,         // a private key up to its end line
	"order":    order,       // an order, unless people are told about some matter of theirs
	"posed":    posed,       // the same, unless a text tells that it was asked and what came of it
	"remark":   remark,      // the same words, said among people
	"bidden":   bidden,      // a task that is set, not told of
	"composed": composed,    // what an order in front asks to be made up
	"dictated": dictated,    // an answer that an order in front is about
	"worded":   worded,      // the same, if the order is about words
	"willed":   willed,      // an order that no negation is before
	"forged":   forged,      // a control token, unless it is spoken of
	"manual":   untilManual, // an order, unless a manual is spoken of
	"inword":   inword,      // what stands right behind a Latin letter
	"tags":     tags,        // tag characters that are no flag's
}

// luhn is the check digit of ISO/IEC 7812-1, annex B. Signs are passed over, and
// a single repeated digit is no card.
func luhn(match string) bool {
	sum, count, same := 0, 0, true
	var first byte
	for i := len(match) - 1; i >= 0; i-- {
		d := match[i] - '0'
		if d > 9 {
			continue
		}
		if count == 0 {
			first = d
		}
		same = same && d == first
		if count++; count%2 == 0 {
			d = d*2/10 + d*2%10
		}
		sum += int(d)
	}
	return sum%10 == 0 && !same
}

// ssn refuses the areas, groups and serials that were never issued (Social
// Security Administration, "SSN Randomization").
func ssn(match string) bool {
	area, group, serial := match[:3], match[len(match)-7:len(match)-5], match[len(match)-4:]
	return area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000"
}

// irregular reports whether the letters of a value are spread as in random
// strings: 3 bits a character is above words and below base64 keys of 16 and
// more, which also have digits.
func irregular(match string) bool {
	const bitsPerChar = 3.0
	var counts [utf8.RuneSelf]int
	for i := range len(match) {
		counts[match[i]%utf8.RuneSelf]++
	}
	bits := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(match))
			bits -= p * math.Log2(p)
		}
	}
	return bits >= bitsPerChar && strings.ContainsAny(match, "0123456789")
}

const (
	letters   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	base64URL = letters + "-_"
)

// jwt follows header, payload and signature (RFC 7519, RFC 7515). What it refuses
// in the first part holds for all that could begin there.
func jwt(text string, m match) (match, int, bool) {
	header := spanOf(text, m.start, base64URL)
	if !strings.HasPrefix(text[header:], ".eyJ") {
		return m, header, false
	}
	payload := spanOf(text, header+1, base64URL)
	if payload == len(text) || text[payload] != '.' {
		return m, header + 1, false
	}
	signature := spanOf(text, payload+1, base64URL)
	return match{m.start, signature}, signature, signature > payload+1
}

// spanOf returns the end of the characters of set from i on.
func spanOf(text string, i int, set string) int {
	for i < len(text) && strings.IndexByte(set, text[i]) >= 0 {
		i++
	}
	return i
}
