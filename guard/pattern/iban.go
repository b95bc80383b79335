package pattern

import "strings"

// ibanLengths holds the length of an IBAN by country (ISO 13616, SWIFT's IBAN
// registry).
var ibanLengths = func() map[string]int {
	lengths := make(map[string]int)
	for n, countries := range map[int]string{
		15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI FK", 20: "AT BA EE KZ LT LU XK MN",
		21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
		24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
		28: "AL AZ BY CY DO GT HN HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
	} {
		for c := range strings.FieldsSeq(countries) {
			lengths[c] = n
		}
	}
	return lengths
}()

// iban judges by country, length and the checksum of ISO 7064, MOD 97-10. The
// match may run on into capitals behind the number; the finding ends with it.
func iban(text string, m match) (match, int, bool) {
	want := ibanLengths[text[m.start:m.start+2]]
	var number strings.Builder
	stop := m.start
	for stop < m.end && number.Len() < want {
		if text[stop] > ' ' {
			number.WriteByte(text[stop])
		}
		stop++
	}
	cut := wordEnd(text, stop) > stop
	return verdict(match{m.start, stop}, want > 0 && number.Len() == want && !cut && mod97(number.String()))
}

// mod97 moves the first four characters to the end, reads letters as 10 to 35
// and reports whether the remainder by 97 is 1.
func mod97(iban string) bool {
	rest := 0
	for _, c := range iban[4:] + iban[:4] {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}
