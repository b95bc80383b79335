package pattern

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// checkSpotted asks every machine at every place of a text, and fails where one finds a
// match that the spotters do not name.
func checkSpotted(t *testing.T, c *Check, raw string) {
	t.Helper()
	text, err := guard.Prepare(raw)
	if err != nil {
		t.Fatal(err)
	}
	s := c.scan(text, nil)
	defer c.release(s)
	for n, m := range c.matchers {
		checkMatches(t, m, s.views[m.rule.View], s.begins[n])
	}
	if _, err := c.find(t.Context(), s, &[]guard.Finding{}); err != nil {
		t.Fatal(err)
	}
	for n, m := range c.matchers {
		if m.rule.View == Folded && !m.rule.Weak && len(s.smoothed.gaps) > 0 {
			checkReread(t, m, s, s.again.begins[n])
		}
	}
}

// checkReread asks the machine at every place of the smoothed text. It must have been
// asked where a match has marks in it.
func checkReread(t *testing.T, m matcher, s *subject, named []begin) {
	t.Helper()
	text := s.smoothed.string()
	for i := range text {
		end := m.machine.match(nil, text, i)
		if end < 0 || slices.ContainsFunc(named, func(b begin) bool { return int(b.at) == i }) {
			continue
		}
		if at, ok := s.smoothed.place(match{i, end}); ok {
			t.Fatalf("%s matches %q, which stands as %q, but is not asked", m.rule.ID, text[i:end], s.smoothed.folded[at.start:at.end])
		}
	}
	for _, b := range named {
		if i := int(b.at); m.machine.match(b.lead, text, i) != m.machine.match(nil, text, i) {
			t.Fatalf("%s ends elsewhere in %q if its lead is known", m.rule.ID, text[i:])
		}
	}
}

func checkMatches(t *testing.T, m matcher, text string, named []begin) {
	t.Helper()
	needle := pursuit{needle: m.needle, found: -1}
	for i := range text {
		at := slices.IndexFunc(named, func(b begin) bool { return int(b.at) == i })
		held, want := needle.follows(text, i), m.machine.match(nil, text, i)
		switch {
		case want >= 0 && (at < 0 || !held):
			t.Fatalf("%s matches %q, but is not asked: named %v, needle %v", m.rule.ID, text[i:want], at >= 0, held)
		case at >= 0 && m.machine.match(named[at].lead, text, i) != want:
			t.Fatalf("%s ends elsewhere than at %d in %q if its lead is known", m.rule.ID, want, text[i:])
		}
	}
}

// pieces are all that matches may begin with, whole examples, and what stands between.
func pieces(c *Check) (all []string) {
	all = []string{" ", "", "a", "_", "9", ".", "\n", "ä", "и", "忽", "\u200b", "\x00", "**", " the ", strings.Repeat("x", 30)}
	for _, m := range c.matchers {
		all = append(append(append(all, m.leading...), m.rule.Hits...), m.rule.Misses...)
	}
	return all
}

// scraps joins random pieces, or parts of them, with little between.
func scraps(all []string, r *rand.Rand) string {
	var b strings.Builder
	for b.Len() < 500 {
		piece := all[r.IntN(len(all))]
		if r.IntN(3) == 0 {
			piece = piece[r.IntN(len(piece)+1):]
		}
		b.WriteString(piece + all[r.IntN(15)])
	}
	return strings.ToValidUTF8(b.String(), "?")
}

func TestSpotterMissesNothing(t *testing.T) {
	t.Parallel()
	c := Shared(t)
	all := pieces(c)
	for seed := range uint64(96 / Sparsely(16)) {
		checkSpotted(t, c, scraps(all, rand.New(rand.NewPCG(seed, 3))))
	}
}

// FuzzSpotter does the same with any text.
func FuzzSpotter(f *testing.F) {
	c := Shared(f)
	all := pieces(c)
	f.Add(scraps(all, rand.New(rand.NewPCG(1, 4))))
	f.Fuzz(func(t *testing.T, raw string) {
		if len(raw) <= 2<<10 {
			checkSpotted(t, c, strings.ToValidUTF8(raw, "?"))
		}
	})
}

// TestManyShortLiterals has more families of short literals than there are bits, and
// literals that begin and go on alike.
func TestManyShortLiterals(t *testing.T) {
	t.Parallel()
	var all []*expression
	var text strings.Builder
	for _, p := range []string{`\bab`, `ab`, `abc`, `abcd`, `abcde`, `abcde1`, `abcd\x00`, `abcdE[0-9]`, `(?:абвг|аб)`, `\b[0-9]x?`, `-\b`, `ab(?:\b|c)`} {
		for range 8 {
			e, err := newExpression(p, Clean)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		text.WriteString(strings.NewReplacer(`\b`, " ", `[0-9]`, "7", "(?:", "", ")", "", "x?", "", "|", "", `\x00`, "\x00").Replace(p))
	}
	for range 3 {
		text.WriteString(text.String() + " ")
	}
	c := candidates{begins: make([][]begin, len(all))}
	newSpotter(all).scan(text.String(), nil, &c)
	for n, e := range all {
		m := matcher{rule: &Rule{ID: e.leading[0]}, expression: e}
		if checkMatches(t, m, text.String(), c.begins[n]); len(c.begins[n]) == 0 {
			t.Errorf("%q is never seen", e.leading)
		}
	}
}
