package guard

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestGlueStart(t *testing.T) {
	for text, want := range map[string]string{ // up to the end of the text
		"":                                     "",
		"write to ":                            "",
		"write to jane":                        "jane",
		"call +49 170 1234567":                 "+49 170 1234567",
		"call +49 170 1234567 ":                "+49 170 1234567 ",
		"card 4111\u00a01111 ":                 "4111\u00a01111 ",
		"12  34":                               "34", // two spaces part groups
		"in 2026 we":                           "2026 we",
		"call 030-12\u200b34,":                 "030-12\u200b34,",
		strings.Repeat("漢字", 100) + "x":        strings.Repeat("漢字", 100)[600-255:] + "x",
		strings.Repeat("word ", 99) + "x\ny=z": "y=z",
	} {
		if got := text[glueStart(text, len(text)):]; got != want {
			t.Errorf("%q: glued is %q, want %q", text, got, want)
		}
	}
}

// TestGlueStartNeverGoesBack: what was cleared up to the glue in front of a place
// stays so in front of every later place.
func TestGlueStartNeverGoesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		var b strings.Builder
		for b.Len() < 600 {
			b.WriteString([]string{" ", "\n", "1", "a", "é", "漢", "12345678", "\u3000", strings.Repeat("x", 90)}[r.IntN(9)])
		}
		text, cleared := b.String(), 0
		for at := range text {
			glued := glueStart(text, at)
			if glued < cleared || glued > at {
				t.Fatalf("%q: glued to %d is what begins at %d, but to a place before what begins at %d", text, at, glued, cleared)
			}
			cleared = max(cleared, glued)
		}
	}
}
