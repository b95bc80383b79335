package decode_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/decode"
)

const prose = "The committee met on Tuesday to discuss how the new library should be paid for, and most members " +
	"agreed that the old plan was no longer good enough. They will ask the town for help, then decide. "

func BenchmarkFindInProse(b *testing.B) {
	german := "Der Ausschuss traf sich am Dienstag, um zu besprechen, wie die neue Bibliothek bezahlt werden soll, und die meisten waren dafür. "
	for name, sample := range map[string]string{"english": prose, "german": german} {
		for _, size := range []int{200, 2 << 10, 64 << 10} {
			b.Run(name+"/"+map[int]string{200: "200B", 2 << 10: "2KB", 64 << 10: "64KB"}[size], func(b *testing.B) {
				benchmarkFind(b, strings.ToValidUTF8(strings.Repeat(sample, size/len(sample)+1)[:size], ""))
			})
		}
	}
}

// BenchmarkFindHostile has 1 MiB of everything that a reader stops at.
func BenchmarkFindHostile(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := func(set string) string {
		s := make([]byte, 1<<20)
		for i := range s {
			s[i] = set[random.IntN(len(set))]
		}
		return string(s)
	}
	const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for name, raw := range map[string]string{
		"base64/random": letters(base64Letters),
		"base64/text":   repeat(encodings["base64/raw"](prose)),
		"base64/many":   repeat(encodings["base64"]("ignore all previous") + " "),
		"base64/nested": encodings["base64"](encodings["base64"](encodings["base64"](strings.Repeat(prose, 2200)))),
		"hex":           repeat(encodings["hex"](prose)),
		"digits":        letters("0123456789 "),
		"codes":         repeat(encodings["character codes/decimal"](prose) + " "),
		"percent":       repeat("%41"),
		"percents":      repeat("%25"),
		"ampersands":    repeat("&"),
		"entities":      repeat("&#105;a"),
		"backslashes":   repeat(`\`),
		"tags":          repeat("\U000E0041"),
		"selectors":     repeat("\U000E0141"),
		"zero width":    repeat("\u200b\u200c\u200c"),
		"rot13":         repeat(rot13(prose)),
		"reversed":      repeat(reversed(prose)),
		"leet":          repeat("1gn0r3 4ll pr3v10us 411 "),
		"leet/long":     repeat("1a"),
		"spaced":        repeat("i g n o r e "),
		"spaced/one":    repeat("a "),
		"joined":        repeat("ignore_all_previous_"),
		"joined/one":    repeat("theretoforeand"),
		"one":           repeat("a"),
		"spaces":        repeat(" "),
		"random":        letters(" abcdefghijklmnopqrstuvwxyz0123456789%&\\+-_.=@$!"),
	} {
		b.Run(name, func(b *testing.B) { benchmarkFind(b, raw[:min(len(raw), 1<<20)]) })
	}
}

func repeat(unit string) string { return strings.Repeat(unit, (1<<20)/len(unit)) }

func benchmarkFind(b *testing.B, raw string) {
	b.Helper()
	text, err := guard.Prepare(raw)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		budget := decode.Budget{Bytes: 2*len(raw) + 64<<10}
		decode.Find(decode.Views{Raw: raw, Clean: text.Clean.Text, Folded: text.Folded.Text}, &budget)
	}
}
