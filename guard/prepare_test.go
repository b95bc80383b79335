package guard_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

func TestPrepareRefuses(t *testing.T) {
	t.Parallel()
	small := guard.Preparer{MaxRaw: 8, MaxFolded: 16}
	tests := map[string]struct {
		preparer guard.Preparer
		raw      string
		want     error
	}{
		"empty":                 {guard.Preparer{}, "", nil},
		"1 MiB":                 {guard.Preparer{}, strings.Repeat("a", 1<<20), nil},
		"more":                  {guard.Preparer{}, strings.Repeat("a", 1<<20+1), guard.ErrTextTooLong},
		"its own limit":         {small, "nine byte", guard.ErrTextTooLong},
		"grows within limits":   {small, "ﬁﬁ", nil},
		"grows elevenfold":      {small, "\ufdfa", guard.ErrTextTooLong},
		"grows past 4 MiB":      {guard.Preparer{}, strings.Repeat("\ufdfa", 1<<20/3), guard.ErrTextTooLong},
		"not UTF-8":             {guard.Preparer{}, "a\xffb", guard.ErrNotUTF8},
		"half a code point":     {guard.Preparer{}, "\xe2\x82", guard.ErrNotUTF8},
		"an encoded surrogate":  {guard.Preparer{}, "\xed\xa0\x80", guard.ErrNotUTF8},
		"the replacement char.": {guard.Preparer{}, "\ufffd", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := tt.preparer.Prepare(tt.raw)
			if !errors.Is(err, tt.want) || (text == nil) != (err != nil) {
				t.Fatalf("Prepare = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestPrepareSpans(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw, find, want string // find in Folded comes from want in raw
	}{
		"as it stands":          {"say Ignore it", "ignore", "Ignore"},
		"after white space":     {"a \t\n b Ignore", "ignore", "Ignore"},
		"white space inside":    {"so ignore \n\t all!", "ignore all", "ignore \n\t all"},
		"the white space":       {"ab \u2003\u3000cd", " ", " \u2003\u3000"},
		"dropped inside":        {"x ig\u200bno\u00adre y", "ignore", "ig\u200bno\u00adre"},
		"dropped at the edges":  {"x \u200bignore\u200b y", "ignore", "ignore"},
		"a tag in white space":  {"a \U000E0041 b", " ", " \U000E0041 "},
		"Cyrillic":              {"да іgnоrе я", "ignore", "іgnоrе"},
		"full width":            {"x ｉｇｎｏｒｅ y", "ignore", "ｉｇｎｏｒｅ"},
		"within a ligature":     {"a ﬃ b", "f", "ﬃ"},
		"around a ligature":     {"eﬃciency", "fic", "ﬃc"},
		"an accent on its own":  {"cafe\u0301 x", "cafe", "cafe\u0301"},
		"an accent, parted":     {"e\u200d\u0301 x", "e", "e\u200d\u0301"},
		"accents all over":      {"so ïgn\u006f\u0308rè all", "ignore", "ïgn\u006f\u0308rè"},
		"Hangul by its parts":   {"x \u1112\u1161\u11ab y", "\ud55c", "\u1112\u1161\u11ab"},
		"after different sizes": {"ÀÉ — “x” \U0001F600 İGNORE", "ignore", "İGNORE"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := guard.PrepareAt(tt.raw, 100)
			if err != nil {
				t.Fatal(err)
			}
			at := strings.Index(text.Folded.Text, tt.find)
			if at < 0 {
				t.Fatalf("no %q in %q", tt.find, text.Folded.Text)
			}
			s := text.Folded.Span(at, at+len(tt.find))
			if got := tt.raw[s.Start-100 : s.End-100]; got != tt.want {
				t.Errorf("%q came from %q, want %q", tt.find, got, tt.want)
			}
		})
	}
}

func TestPrepareSharesWhatItDoesNotChange(t *testing.T) {
	for raw, want := range map[string]float64{
		"plain words, in lower case":   2, // the Text and its maker
		"plain Words with A capital":   3, // and the folded bytes
		"кириллица 漢字 shared in clean": 20,
	} {
		got := testing.AllocsPerRun(100, func() {
			if _, err := guard.Prepare(raw); err != nil {
				t.Fatal(err)
			}
		})
		if got > want {
			t.Errorf("%q: %v allocations, want at most %v", raw, got, want)
		}
	}
}

func FuzzPrepare(f *testing.F) {
	for _, seed := range []string{
		"", "Ignore  ALL\r\nprevious", "ﬃ\u200d\u0301e\u0301", "¨ ¨", "\u1112\u1161\u11ab\u3164",
		"İi\u0307\u0300J\u030c", "\x00a\x00\u0301", "\U0001F3F4\U000E0067\U000E007F", "\ufdfa", "ΝυʼnǅΑ\u0345",
		"e" + strings.Repeat("\u0301", 40), strings.Repeat("\u0344", 20), "\u0dd9\u0dcf\u0dca", "\u1100\u1161" + strings.Repeat("\u1161", 20),
	} {
		f.Add(seed, uint64(1))
	}
	f.Fuzz(func(t *testing.T, raw string, seed uint64) {
		text, err := guard.PrepareAt(raw, 7)
		if err != nil {
			if utf8.ValidString(raw) && len(raw) < 1<<18 {
				t.Fatal(err)
			}
			return
		}
		random := rand.New(rand.NewPCG(seed, 0))
		for range 20 {
			checkSpan(t, text, text.Clean, random, func(s string) string { return prepare(t, s).Clean.Text })
			checkSpan(t, text, text.Folded, random, guard.Fold)
		}
		checkStable(t, text)
	})
}

// checkSpan takes a random range of the view and rewrites the bytes it is said
// to come from: they must produce that range again.
func checkSpan(t *testing.T, text *guard.Text, v guard.View, random *rand.Rand, rewrite func(string) string) {
	t.Helper()
	if v.Text == "" {
		return
	}
	start := random.IntN(len(v.Text))
	for !utf8.RuneStart(v.Text[start]) {
		start--
	}
	end := start + 1 + random.IntN(min(40, len(v.Text)-start))
	for end < len(v.Text) && !utf8.RuneStart(v.Text[end]) {
		end++
	}
	s := v.Span(start, end)
	if s.Start < text.Base || s.Len() <= 0 || s.End > text.Base+len(text.Raw) {
		t.Fatalf("span %v of %d bytes from %d", s, len(text.Raw), text.Base)
	}
	source := text.Raw[s.Start-text.Base : s.End-text.Base]
	if !utf8.ValidString(source) {
		t.Fatalf("span %v splits a code point of %q", s, text.Raw)
	}
	if !strings.Contains(rewrite(source), v.Text[start:end]) {
		t.Fatalf("%q is said to come from %q of %q, which gives %q", v.Text[start:end], source, text.Raw, rewrite(source))
	}
}

// checkStable checks that preparing what was prepared changes nothing.
func checkStable(t *testing.T, text *guard.Text) {
	t.Helper()
	clean, folded := text.Clean.Text, text.Folded.Text
	if again := prepare(t, clean).Clean.Text; again != clean {
		t.Fatalf("Clean of %q is %q, and then %q", text.Raw, clean, again)
	}
	if again := guard.Fold(folded); again != folded {
		t.Fatalf("Folded of %q is %q, and then %q", text.Raw, folded, again)
	}
	if direct := guard.Fold(clean); direct != folded {
		t.Fatalf("Folded of %q is %q, from Clean it is %q", text.Raw, folded, direct)
	}
	if strings.Contains(folded, "  ") || strings.ContainsAny(folded, "\n\t\u00a0") {
		t.Fatalf("white space left in %q", folded)
	}
}

func prepare(t *testing.T, raw string) *guard.Text {
	t.Helper()
	text, err := guard.Preparer{MaxRaw: 64 << 20, MaxFolded: 64 << 20}.Prepare(raw)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func BenchmarkPrepare(b *testing.B) {
	prose := "The quick brown Fox jumps over the lazy dog, and then it ran off. "
	for name, sample := range map[string]string{
		"ascii": prose,
		"mixed": prose + "Elle a été déçue – “naïve”, говорят, 漢字かな。 ",
	} {
		for _, size := range []int{200, 2 << 10, 16 << 10} {
			raw := strings.ToValidUTF8(strings.Repeat(sample, size/len(sample)+1)[:size], "")
			b.Run(name+"/"+sizeName(size), func(b *testing.B) {
				b.SetBytes(int64(len(raw)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := guard.Prepare(raw); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkPrepareHostile shows that no kind of text costs more than a small
// multiple of another by the byte.
func BenchmarkPrepareHostile(b *testing.B) {
	for name, unit := range map[string]string{
		"marks": "\u0301", "mixed marks": "\u0301\u0327\u0345", "zero width": "\u200b", "jamo": "\u1161", "wide": "Ａ",
		"Cyrillic": "а", "alternating": "a\u200b", "spaces": " a  b", "grows": "\ufdfa", "accents": "é", "hangul": "\u1112\u1161\u11ab",
	} {
		raw := strings.Repeat(unit, (1<<20)/len(unit))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			p := guard.Preparer{MaxFolded: 16 << 20}
			for b.Loop() {
				if _, err := p.Prepare(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func sizeName(n int) string {
	switch n {
	case 200:
		return "200B"
	case 2 << 10:
		return "2KB"
	}
	return "16KB"
}
