package tokens

import (
	"strings"
	"testing"
)

func pieces(text string) (all []string) {
	for i := 0; i < len(text); {
		end := pieceEnd(text, i)
		all = append(all, text[i:end])
		i = end
	}
	return all
}

func TestPieces(t *testing.T) {
	for _, want := range []string{
		"It·'s· what· they·'LL· say",
		"'ſ·t·'t·x·'\u212a", // the Kelvin sign folds to k, which is no contraction
		"don·'r·'re·'re·g·'",
		"a·123·4· ·567",
		" a·  · b·\t·\tc",
		"a· \n \n·  · b",
		"a· !?\n\r\n· x· ·1",
		"a·\t·!·\u00a0·!·\u00a0b",
		"a·  ",
		"(a·.b·\u0301c·😀d·😀😀=\r",
		"<|·endoftext·|>\n", // no special tokens
	} {
		text := strings.ReplaceAll(want, "·", "")
		if got := strings.Join(pieces(text), "·"); got != want {
			t.Errorf("%q is cut into %q, want %q", text, got, want)
		}
	}
}

// TestPiecesCoverAnyBytes cuts texts that are no UTF-8 too: nothing may be lost and
// nothing may hang.
func TestPiecesCoverAnyBytes(t *testing.T) {
	for _, text := range []string{"\xff", "a\xffb", "\xf0\x9f\x98", "'\xc5", "'\xc5\xbf", " \x80\n", "\xed\xa0\x80"} {
		if got := strings.Join(pieces(text), ""); got != text {
			t.Errorf("pieces of %q make %q", text, got)
		}
		if counter().Count(text) == 0 {
			t.Errorf("Count(%q) = 0", text)
		}
	}
}
