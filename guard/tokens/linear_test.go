package tokens

import (
	"strings"
	"testing"
)

// runs are the texts of the goldens that are one unit over and over, in size bytes.
func runs(t testing.TB, size int) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	for _, g := range goldens(t) {
		if g.Times > 1 {
			texts[g.Text] = strings.Repeat(g.Text, size/len(g.Text))
		}
	}
	return texts
}

// randomLetters has pairs of nearly every rank. The generator is the classic
// minimal standard one: the text must be the same in every run.
func randomLetters(n int) string {
	text := make([]byte, n)
	state := uint64(20261121)
	for i := range text {
		state = state * 48271 % (1<<31 - 1)
		text[i] = 'a' + byte(state>>8%26)%26
	}
	return string(text)
}

// randomSyllables are letters without a place where no token reaches across.
func randomSyllables(n int) string {
	letters, text := randomLetters(4*n), make([]byte, 0, n)
	for i := 0; len(text) < n; i++ {
		last := max(len(text)-1, 0)
		if pair := string(text[last:]) + letters[i:i+1]; counter().ranks.apart(pair) == len(pair) {
			text = append(text, letters[i])
		}
	}
	return string(text)
}

// TestCuttingIsLinear adds up what the encodings look at to cut a text. Each cut
// takes time in proportion to what it sees.
func TestCuttingIsLinear(t *testing.T) {
	texts := runs(t, 1<<16)
	texts["all kinds"] = strings.Repeat("あAあAA\u0301BBB \n  \n!!AAAA/\n/ 's'll  ", 2000)
	each(t, func(t *testing.T, c *Counter) {
		for name, text := range texts {
			total := 0
			for i := 0; i < len(text); {
				end, seen := c.encoding.end(text, i)
				if end <= i || seen < end || seen > len(text) {
					t.Fatalf("%q at %d: ends at %d, seen to %d", name, i, end, seen)
				}
				total += seen - i
				i = end
			}
			if total > 2*len(text) {
				t.Errorf("%q: %d bytes seen to cut %d", name, total, len(text))
			}
		}
	})
}

// TestMergingIsLinear adds up what merging takes off its budget: the bytes of every
// piece, and in long ones every pair that was listed, stale or not. A pair costs one
// look-up of at most maxToken bytes and its share of a sort.
func TestMergingIsLinear(t *testing.T) {
	texts := runs(t, 1<<16)
	texts["random letters"], texts["random syllables"] = randomLetters(1<<16), randomSyllables(1<<16)
	each(t, func(t *testing.T, c *Counter) {
		for name, text := range texts {
			const plenty = 1 << 40
			b := budget{ctx: t.Context(), left: plenty}
			if _, err := c.piece(&b, text); err != nil {
				t.Fatal(err)
			}
			if spent := plenty - b.left; spent < len(text) || spent > 4*len(text) {
				t.Errorf("%q: %d steps to merge %d bytes", name, spent, len(text))
			}
		}
	})
}
