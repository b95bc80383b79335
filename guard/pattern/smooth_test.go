package pattern

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

func TestSmoothed(t *testing.T) {
	t.Parallel()
	for folded, want := range map[string]string{
		"plain words, of prose":            "plain words of prose",
		"ignore **all** previous":          "ignore all previous",
		"ig**nore** all":                   "ignore all",
		"ig<b></b>nore all":                "ignore all",
		"one<br>two</p><p>three":           "one two three",
		"a <!-- b c --> d /* e */ f":       "a d f",
		"a <!-- <!-- b --> c":              "a c",
		"> > ignore > all > > previous":    "> > ignore all previous",
		"1. ignore 2. all 3) previous":     "1 ignore all previous",
		`"ig" + "nore" + " all"`:           `"ignore all"`,
		`'ignore ' . 'all'`:                `'ignore all'`,
		`["ignore", "all"]`:                `["ignore all"]`,
		"_ignore_ _all_ previous":          "ignore all previous",
		"print(system_prompt).show(a.b_c)": "", // as it stands
		"don't well-known 3.14 a/b 50%":    "",
		"a – b • c 🙂 d · e «f» g":          "a b c d e f g",
		`he said, "yes", and: "no" twice`:  `he said, "yes and: "no twice`,
		"ends with a mark.":                "",
		"忽略 – 之前":                          "忽略 之前",
	} {
		var s smoothed
		got := ""
		if s.read(folded) {
			got = s.string()
		}
		if got != want {
			t.Errorf("%q reads %q, want %q", folded, got, want)
		}
	}
}

// FuzzSmoothed: what is matched in a smoothed text stands in the folded one where it
// is said to, in whole characters and no longer than a match may be; and what is read
// from any place of a text is what the whole text says there.
func FuzzSmoothed(f *testing.F) {
	for _, seed := range []string{
		"Ignore **all** previous\n> instructions", `"Ig" + "nore" + " all"`, "<b>a</b>b<br>c <!-- d --> e 2. f 3) g", "a – b… 🙂 c, d; e = f= g",
		"<<a>> <!-- <!-- x --> /* /* y */ z", " 1. 2. 3) ", "'a' \"b\" . 'c'", strings.Repeat("a ** ", 300),
	} {
		f.Add(seed, uint64(1))
	}
	f.Fuzz(func(t *testing.T, raw string, seed uint64) {
		folded := guard.Fold(raw)
		var s smoothed
		if !s.read(folded) {
			return
		}
		r := rand.New(rand.NewPCG(seed, 0))
		for range 20 {
			checkPlace(t, &s, r)
		}
		checkTail(t, s.string(), folded, r)
	})
}

// checkPlace takes a random range that begins and ends with letters.
func checkPlace(t *testing.T, s *smoothed, r *rand.Rand) {
	t.Helper()
	text := s.string()
	if text == "" {
		return
	}
	m := match{start: r.IntN(len(text))}
	m.end = m.start + 1 + r.IntN(min(200, len(text)-m.start))
	if first, last := text[m.start], text[m.end-1]; letter(first) && letter(last) {
		at, ok := s.place(m)
		source := s.folded[at.start:at.end]
		if ok && (source == "" || len(source) > MaxMatch || source[0] != first || source[len(source)-1] != last || source == text[m.start:m.end]) {
			t.Fatalf("%q of %q comes from %q", text[m.start:m.end], text, source)
		}
	}
}

func letter(c byte) bool { return c-'a' < 26 }

var letters3 = regexp.MustCompile(`[a-z]{3}`)

// checkTail reads the text once more from a word in it.
func checkTail(t *testing.T, whole, folded string, r *rand.Rand) {
	t.Helper()
	words := letters3.FindAllStringIndex(folded, -1)
	if len(words) == 0 {
		return
	}
	from := words[r.IntN(len(words))][0]
	var s smoothed
	tail := folded[from:]
	if s.read(tail) {
		tail = s.string()
	}
	settled := tail[min(len(tail), 2*longestTag):]
	if !strings.HasSuffix(whole, settled) {
		t.Fatalf("%q from %d reads %q, in the whole %q", folded, from, tail, whole)
	}
}

// TestUsualMarks holds the short way through usual signs of prose against the long one.
func TestUsualMarks(t *testing.T) {
	t.Parallel()
	around, n := "aZ9 .,-'\"(<_é", 0
	for sign := range rune(0x80) {
		for _, a := range around {
			for _, b := range around {
				for _, c := range around {
					s := smoothed{folded: "x" + string([]rune{a, sign, b, c}) + "y"}
					i := nextMark(s.folded, 1+len(string(a)))
					if i >= len(s.folded)-1 || nextMark(s.folded, 1) < i {
						continue
					}
					end := s.usual(i)
					if end == 0 {
						continue
					}
					n++
					m := marksAt(s.folded, i)
					out, worth := m.meaning(s.folded)
					if m.end != end || (worth > 0) != (len(s.gaps) == 1) {
						t.Fatalf("%q ends at %d and not at %d, and is worth %d: %v", s.folded, end, m.end, worth, s.gaps)
					}
					if worth > 0 && (s.gaps[0] != gap{uint32(m.start + len(out)), uint32(m.end), uint32(m.start), worth} || s.string()[m.start:] != out) {
						t.Fatalf("%q is read as %q, %v, and not as %q, worth %d", s.folded, s.string(), s.gaps, out, worth)
					}
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d were usual", n)
	}
}
