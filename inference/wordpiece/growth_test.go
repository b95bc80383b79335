package wordpiece

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/inference"
)

// checkFollowed gives the text in steps that end at cuts, and fails unless closed
// windows are those of the whole text, and open ones those of the text so far.
func checkFollowed(t *testing.T, tok *Tokenizer, text string, cuts []int) {
	t.Helper()
	whole, g := tok.Encode(text), tok.Grow()
	done := 0
	for _, cut := range append(cuts, len(text)) {
		sofar := tok.Encode(text[:cut])
		windows, closed := g.Encode(text[:cut])
		if !slices.EqualFunc(windows, sofar[done:], sameWindow) {
			t.Fatalf("%+q to %d of %v: windows %v, want %v", text, cut, cuts, windows, sofar[done:])
		}
		if !slices.EqualFunc(windows[:closed], whole[done:done+closed], sameWindow) {
			t.Fatalf("%+q to %d of %v: closed %v, want %v", text, cut, cuts, windows[:closed], whole[done:])
		}
		if g.Settled() > cut || cut < len(text) && !utf8.RuneStart(text[g.Settled()]) {
			t.Fatalf("%+q to %d: settled %d", text, cut, g.Settled())
		}
		done += closed
	}
}

func sameWindow(a, b inference.Encoding) bool { return slices.Equal(a.IDs, b.IDs) && a.Span == b.Span }

// points are where a text of whole characters may be cut.
func points(text string) (cuts []int) {
	for i := range text {
		cuts = append(cuts, i)
	}
	return cuts
}

func FuzzGrowth(f *testing.F) {
	for _, s := range corpus {
		f.Add(s, uint64(len(s)))
	}
	f.Add("x\u1f80\u0345 İstanbul a\u0301\u0316 \u00adword\u00ad中文\u0301字 한국어 unaffable"+strings.Repeat("y", 120), uint64(1))
	toks := []*Tokenizer{
		load(f, Options{Lowercase: true, Window: 3}),
		load(f, Options{Lowercase: true, Window: 7, Overlap: 2}),
		load(f, Options{Window: 12, Overlap: 5}),
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		text = strings.ToValidUTF8(text, "")
		r := rand.New(rand.NewPCG(seed, 0))
		all := points(text)
		for _, tok := range toks {
			if len(all) <= 300 {
				checkFollowed(t, tok, text, all)
			}
			some := slices.DeleteFunc(slices.Clone(all), func(int) bool { return r.IntN(5) > 0 })
			checkFollowed(t, tok, text, some)
		}
	})
}

// BenchmarkGrowth follows a text in steps of 32 bytes; it must cost little more
// than encoding it once.
func BenchmarkGrowth(b *testing.B) {
	tok := load(b, Options{Lowercase: true, Window: 128, Overlap: 48})
	for _, size := range []int{16 << 10, 256 << 10} {
		text := strings.Repeat("Whoever reads this may well have read it before, unaffably so. ", size/62)
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				g := tok.Grow()
				for i := 32; i < len(text); i += 32 {
					g.Encode(text[:i])
				}
			}
		})
	}
}
