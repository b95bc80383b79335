package tokens

import (
	"context"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/pkoukk/tiktoken-go"
	tiktoken_loader "github.com/pkoukk/tiktoken-go-loader"
)

// TestTokensBuildThemselves proves what longMerge rests on: merged alone, the bytes
// of every token become that token, and no step on the way has a higher rank. Early
// exit rests on the length of the longest.
func TestTokensBuildThemselves(t *testing.T) {
	each(t, func(t *testing.T, c *Counter) {
		longest := 0
		for rank := range uint32(c.ranks.count()) {
			token := c.ranks.token(rank)
			if c.ranks.of(token) != rank {
				t.Fatalf("token %d is found as %d", rank, c.ranks.of(token))
			}
			if top, left := mergeAlone(c.ranks, token); left != 1 || len(token) > 1 && top != rank {
				t.Errorf("token %d becomes %d tokens, its highest step is %d", rank, left, top)
			}
			longest = max(longest, len(token))
		}
		if longest != maxToken {
			t.Errorf("the longest token has %d bytes, not %d", longest, maxToken)
		}
	})
}

// TestNoTokenLeavesALine is why spaceEnd may cut where cl100k_base does not.
func TestNoTokenLeavesALine(t *testing.T) {
	for rank := range uint32(counter().ranks.count()) {
		token := counter().ranks.token(rank)
		behind := token[strings.LastIndexAny(token, "\r\n")+1:]
		if skip(token, 0, space|newline) == len(token) && behind != "" && behind != token {
			t.Errorf("token %d, %q, goes on after its last line break", rank, token)
		}
	}
}

// mergeAlone merges in the plainest way and returns the highest rank of a step and
// the number of tokens left.
func mergeAlone(r *ranks, piece string) (top uint32, left int) {
	tokens := strings.Split(piece, "")
	if !utf8.ValidString(piece) || len(tokens) != len(piece) {
		tokens = tokens[:0]
		for i := range len(piece) {
			tokens = append(tokens, piece[i:i+1])
		}
	}
	for {
		best, at := uint32(none), 0
		for i := range len(tokens) - 1 {
			if rank := r.of(tokens[i] + tokens[i+1]); rank < best {
				best, at = rank, i
			}
		}
		if best == none {
			return top, len(tokens)
		}
		top = max(top, best)
		tokens[at] += tokens[at+1]
		tokens = append(tokens[:at+1], tokens[at+2:]...)
	}
}

// TestMergesAgree holds the two merges against each other on pieces of every length
// around the border between them.
func TestMergesAgree(t *testing.T) {
	letters := randomLetters(4096)
	each(t, func(t *testing.T, c *Counter) {
		r, long := c.ranks, newLongMerge(c.ranks.count())
		for _, text := range []string{letters, strings.Repeat("a", 4096), strings.Repeat("ab ", 1400), strings.Repeat("😀的\n", 500)} {
			for n := 2; n <= scanLimit; n++ {
				for i := 0; i+n <= len(text); i += 61 {
					piece := text[i : i+n]
					got, err := long.count(&budget{ctx: context.Background()}, r, piece)
					if want := r.scan(piece); err != nil || got != want {
						t.Fatalf("%q: long merge says %d, %v, scan %d", piece, got, err, want)
					}
				}
			}
		}
	})
}

// reference is tiktoken-go.
var reference = sync.OnceValue(func() map[string]*tiktoken.Tiktoken {
	tiktoken.SetBpeLoader(tiktoken_loader.NewOfflineLoader())
	all := make(map[string]*tiktoken.Tiktoken)
	for _, e := range encodings {
		enc, err := tiktoken.GetEncoding(e.name)
		if err != nil {
			panic(err)
		}
		all[e.name] = enc
	}
	return all
})

// FuzzCount compares with tiktoken-go, where it can be trusted: it is quadratic in
// the longest piece, knows Go's Unicode, and does not fold the long s. A text is
// counted alone and many times over, in which case pieces grow long.
func FuzzCount(f *testing.F) {
	counters, references := counters(), reference() // now: loading them takes long
	for i, g := range goldens(f) {
		if i%8 == 0 && g.Times == 1 {
			f.Add(g.Text, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, times uint8) {
		text = strings.Repeat(text, 1+int(times)%5)
		if len(text) > 2048 || !utf8.ValidString(text) || strings.ContainsFunc(text, beyondTiktokenGo) {
			t.Skip("tiktoken-go is quadratic in it, or knows another Unicode, or it is not UTF-8")
		}
		for name, c := range counters {
			if got, want := c.Count(text), len(references[name].EncodeOrdinary(text)); got != want {
				t.Errorf("Count(%q) = %d, tiktoken-go says %d in %s", text, got, want, name)
			}
		}
	})
}

// beyondTiktokenGo tells whether r is of another class in Go's tables.
func beyondTiktokenGo(r rune) bool {
	byGo := symbol
	switch {
	case r == '\r' || r == '\n':
		byGo = newline
	case unicode.IsSpace(r):
		byGo = space
	case unicode.IsNumber(r):
		byGo = number
	case unicode.In(r, unicode.Lu, unicode.Lt):
		byGo = upper
	case unicode.Is(unicode.Ll, r):
		byGo = lower
	case unicode.IsLetter(r):
		byGo = other
	case unicode.IsMark(r):
		byGo = mark
	}
	return r == 'ſ' || classOf(r) != byGo
}
