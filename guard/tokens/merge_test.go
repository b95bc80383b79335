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
// of every token become that token, and no step on the way has a higher rank.
func TestTokensBuildThemselves(t *testing.T) {
	r := counter().ranks
	for rank := range uint32(rankCount) {
		token := r.token(rank)
		if r.of(token) != rank {
			t.Fatalf("token %d is found as %d", rank, r.of(token))
		}
		if top, left := mergeAlone(r, token); left != 1 || len(token) > 1 && top != rank {
			t.Errorf("token %d becomes %d tokens, its highest step is %d", rank, left, top)
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
	r, long := counter().ranks, new(longMerge)
	letters := randomLetters(4096)
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
}

var reference = sync.OnceValue(func() *tiktoken.Tiktoken {
	tiktoken.SetBpeLoader(tiktoken_loader.NewOfflineLoader())
	enc, err := tiktoken.GetEncoding(tiktoken.MODEL_CL100K_BASE)
	if err != nil {
		panic(err)
	}
	return enc
})

// FuzzCount compares with tiktoken-go, where it can be trusted: it is quadratic in
// the longest piece, knows Unicode 15, and does not fold the long s.
func FuzzCount(f *testing.F) {
	for i, g := range goldens(f) {
		if i%4 == 0 {
			f.Add(g.Text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2048 || !utf8.ValidString(text) || strings.ContainsFunc(text, beyondTiktokenGo) {
			t.Skip("tiktoken-go is quadratic in it, or knows an older Unicode, or it is not UTF-8")
		}
		if got, want := counter().Count(text), len(reference().EncodeOrdinary(text)); got != want {
			t.Errorf("Count(%q) = %d, tiktoken-go says %d", text, got, want)
		}
	})
}

func beyondTiktokenGo(r rune) bool {
	return r == 'ſ' || unicode.In(r, newerLetters, newerNumbers)
}
