package tokens

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func pieces(e encoding, text string) (all []string) {
	for i := 0; i < len(text); {
		end, _ := e.end(text, i)
		all = append(all, text[i:end])
		i = end
	}
	return all
}

func TestPieces(t *testing.T) {
	for name, wants := range map[string][]string{
		"cl100k_base": {
			"It·'s· what· they·'LL· say",
			"'ſ·t·'t·x·'\u212a", // the Kelvin sign folds to k, which is no contraction
			"don·'r·'re·'re·g·'",
			"camelCase· HTTPGet·/\n·//",
			"a·.b·\u0301c·😀d·😀😀=\r",
		},
		"o200k_base": {
			"It's· what· they'LL· say",
			"'ſ't·'t· x'ſ·x·'\u212a",
			"don·'r're·'reg·'",
			"camel·Case· HTTPGet·/\n//",
			"a·.b\u0301c·😀d·😀😀=\r",
			"あ·ABC",                       // without a small letter behind them, capitals leave the last letter without case
			"あABc·Dあ·EF·,中·GH's",          // but not with one
			"\u0301·AB· \u0301a\u0301·Ab", // a mark is both
			"A's·b's·'s",
		},
		"": {
			"a·123·4· ·567",
			" a·  · b·\t·\tc",
			"a· \n \n·  · b",
			"a· !?\n\r\n· x· ·1",
			"a·\t·!·\u00a0·!·\u00a0b",
			"a·  ",
			"(a·.b",
			"<|·endoftext·|>\n", // no special tokens
		},
	} {
		for _, e := range encodings {
			if name != "" && name != e.name {
				continue
			}
			for _, want := range wants {
				text := strings.ReplaceAll(want, "·", "")
				if got := strings.Join(pieces(e, text), "·"); got != want {
					t.Errorf("%s cuts %q into %q, want %q", e.name, text, got, want)
				}
			}
		}
	}
}

// TestPiecesCoverAnyBytes cuts texts that are no UTF-8 too: nothing may be lost and
// nothing may hang.
func TestPiecesCoverAnyBytes(t *testing.T) {
	each(t, func(t *testing.T, c *Counter) {
		for _, text := range []string{"\xff", "a\xffb", "\xf0\x9f\x98", "'\xc5", "'\xc5\xbf", " \x80\n", "\xed\xa0\x80", "A\xcc", "あA\xe3\x81"} {
			if got := strings.Join(pieces(c.encoding, text), ""); got != text {
				t.Errorf("pieces of %q make %q", text, got)
			}
			if c.Count(text) == 0 {
				t.Errorf("Count(%q) = 0", text)
			}
		}
	})
}

// TestClasses names the characters that tables differ on, and those that people
// confuse.
func TestClasses(t *testing.T) {
	for r, want := range map[rune]class{
		'ſ': lower, 'ª': other, 'ʰ': other, 'ǅ': upper, 'ß': lower, 'ẞ': upper, 'Ⅷ': number, 'ⓐ': symbol, 0x1c89: upper,
		0x2ebf0: other, 0x13460: other, '½': number, '〇': number, 0x1ccf0: number, '一': other, 'あ': other,
		0x85: space, 0xa0: space, 0x2028: space, 0x3000: space, '\t': space, '\n': newline, '\r': newline,
		0x1c: symbol, 0x180e: symbol, 0x200b: symbol, 0xfeff: symbol, '\u0301': mark, '\u0903': mark, '\u20dd': mark,
		0xfe0f: mark, 0xe0100: mark, 0x10ffff: symbol, utf8.RuneError: symbol,
	} {
		if got := classOf(r); got != want {
			t.Errorf("class of %U is %08b, want %08b", r, got, want)
		}
	}
}
