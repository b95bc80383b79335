package tokens_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/tokens"
)

// FuzzFollow gives a text in random parts. What is counted before the end never
// decreases and is never more than the whole has, and at the end of a text that is
// long enough little is left to count.
func FuzzFollow(f *testing.F) {
	var counters []*tokens.Counter
	for _, encoding := range []string{"cl100k_base", "o200k_base"} {
		counter, err := tokens.NewCounter(tokens.Config{Encoding: encoding})
		if err != nil {
			f.Fatal(err)
		}
		counters = append(counters, counter)
	}
	for _, s := range []string{
		"", "Hello, world! I'm sure we'll see.", "a  b\n\n  c \r\n\t d", "1234567890 12 中文字符 한국어", "'s 'll 'ſ 'RE x'", "...\n\n\n!!!  \u3000 ?",
		strings.Repeat("z", 300), strings.Repeat(" ", 100) + "x", "\u00a0\u2003a", "あABCDEF中XY\u0301Zed xX A\u0301BC'll", "camelCaseXMLHttp/\n//\n",
	} {
		f.Add(s, uint64(len(s)))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		text = strings.ToValidUTF8(text, "")
		for _, counter := range counters {
			follow(t, counter, text, rand.New(rand.NewPCG(seed, 1)))
		}
	})
}

func follow(t *testing.T, counter *tokens.Counter, text string, r *rand.Rand) {
	follower, total, last := tokens.New(counter).Follow(), counter.Count(text), guard.Sight{}
	for i := range text {
		if r.IntN(4) > 0 {
			continue
		}
		s, err := follower.Look(t.Context(), text[:i])
		if err != nil {
			t.Fatal(err)
		}
		if s.Tokens < last.Tokens || s.Resume < last.Resume || s.Clear != i {
			t.Fatalf("%+q to %d: %+v after %+v", text, i, s, last)
		}
		if rest := counter.Count(text[s.Resume:]); s.Tokens+rest != total {
			t.Fatalf("%+q in %s: %d tokens to byte %d and %d behind are not %d", text, counter.Encoding(), s.Tokens, s.Resume, rest, total)
		}
		last = s
	}
}
