package pattern

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

// regular is an expression for regexp alone, without literals and machine.
type regular struct{ *regexp.Regexp }

func plainly(tb testing.TB, pattern string, view View) regular {
	tb.Helper()
	tree, err := parse(pattern, view)
	if err != nil {
		tb.Fatal(err)
	}
	return regular{regexp.MustCompile(tree.String())}
}

// matches returns where the expression matches.
func (p regular) matches(text string) (all []match) {
	for _, at := range p.FindAllStringSubmatchIndex(text, -1) {
		if len(at) > 2 && at[2] >= 0 {
			at = at[2:]
		}
		all = append(all, match{at[0], at[1]})
	}
	return all
}

// located returns what the spotter and the machine find.
func located(e *expression, text string) []match {
	c := candidates{begins: make([][]begin, 1)}
	newSpotter([]*expression{e}).scan(text, nil, &c)
	return e.matches(text, c.begins[0], nil)
}

// FuzzExpression checks that literals and machine lose no match that regexp
// finds, and find none that it does not, for any pattern that a rule may have.
func FuzzExpression(f *testing.F) {
	rules, err := Builtin()
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range rules {
		for _, p := range r.Patterns {
			f.Add(p, r.Hits[0], r.View == Folded)
		}
	}
	for pattern, text := range map[string]string{
		`(?:a|b?)c|d{0,2}e`:        "xbc ddde",
		`(?i)k1|\x{212A}`:          "K1 \u212a1 k1",
		`(?:ab?){2}[^0-9]\z`:       "aabx",
		`^a|\bb\B|(?m:c$)`:         "a ab bb c\nc",
		`\b(x{1,3})y`:              "xxxxy xy",
		`[äöü]{2}|ß(?:e|$)`:        "äÖß",
		`(?s:.)a`:                  "ba",
		`a(?:b{0,3}c){0,3}(?:d|)`:  "abbcbcd",
		`[\x{E0000}-\x{E007F}]{2}`: "\U000E0001\U000E007F\U000E0080",
		`забудь (?:все|всё)`:       "ЗАБУДЬ ВСЁ",
		`忽略(?:以上|之前)的?指令`:          "请忽略之前的指令",
	} {
		f.Add(pattern, text, true)
	}
	f.Fuzz(func(t *testing.T, pattern, text string, folded bool) {
		view := Clean
		if folded {
			view, text = Folded, guard.Fold(text)
		}
		if len(pattern) > 4000 || !utf8.ValidString(text) {
			return
		}
		e, err := newExpression(pattern, view)
		if err != nil {
			return
		}
		for _, around := range []string{text, "x" + text + "x", "\n" + text + text + "\n"} {
			if want, got := plainly(t, pattern, view).matches(around), located(e, around); !slices.Equal(want, got) {
				t.Fatalf("%s in %q: found %v, want %v", pattern, around, got, want)
			}
		}
	})
}

// FuzzPrefilter checks the same for all rules that come with Portcullis, on any
// text: FuzzExpression seldom meets a text that a long pattern matches.
func FuzzPrefilter(f *testing.F) {
	rules, err := Builtin()
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(rules); i += 16 { // each costs a run of every pattern
		f.Add(rules[i].Hits[0] + " " + rules[i].Misses[0])
	}
	type pair struct {
		plain *regexp.Regexp
		*expression
		view View
	}
	var all []pair
	for _, r := range rules {
		for _, p := range r.Patterns {
			tree, err := parse(p, r.View)
			if err != nil {
				f.Fatal(err)
			}
			e, err := newExpression(p, r.View)
			if err != nil {
				f.Fatal(err)
			}
			all = append(all, pair{regexp.MustCompile(tree.String()), e, r.View})
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text, err := guard.Prepare(raw)
		if err != nil || len(raw) > 4<<10 {
			return
		}
		s := subject{}
		s.read(text, nil)
		for _, p := range all {
			view := s.views[p.view]
			n := 0
			for range located(p.expression, view) {
				n++
			}
			if want := len(p.plain.FindAllStringIndex(view, -1)); n != want {
				t.Fatalf("%s in %q: found %d, want %d", p.plain, view, n, want)
			}
		}
	})
}

// TestExamples checks the same for every rule on its own examples.
func TestExamples(t *testing.T) {
	t.Parallel()
	rules, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		for _, p := range r.Patterns {
			e, err := newExpression(p, r.View)
			if err != nil {
				t.Fatal(err)
			}
			golden := plainly(t, p, r.View)
			for _, example := range slices.Concat(r.Hits, r.Misses) {
				text, err := guard.Prepare(example + " " + example)
				if err != nil {
					t.Fatal(err)
				}
				s := subject{}
				s.read(text, nil)
				view := s.views[r.View]
				if want, got := golden.matches(view), located(e, view); !slices.Equal(want, got) {
					t.Errorf("%s in %q: found %v, want %v", r.ID, view, got, want)
				}
			}
		}
	}
}

// TestMachineForgets makes a machine more states than it keeps.
func TestMachineForgets(t *testing.T) {
	t.Parallel()
	const pattern = `a[ab]{0,12}a[ab]{14}c`
	e, err := newExpression(pattern, Clean)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i := range 4000 {
		text.WriteByte("ab"[(i*i+i/7)%3%2])
		if i%50 == 49 {
			text.WriteByte('c')
		}
	}
	for range 2 {
		if want, got := plainly(t, pattern, Clean).matches(text.String()), located(e, text.String()); len(want) == 0 || !slices.Equal(want, got) {
			t.Fatalf("found %v, want %v", got, want)
		}
		if n := len(e.machine.known.Load().made); n > maxStates {
			t.Errorf("%d states", n)
		}
	}
}

func TestLeadingLiterals(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string][]string{
		`(?:^|[.!] )forget`:     {". forget", "! forget", "forget"},
		`\b[Aa]b{1,2}`:          {"Ab", "ab"},
		`(?:x|yz){0,2}now`:      {"x", "now", "yz"},
		`[0-9]{3}-x`:            {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		`[\x{E0000}-\x{E007F}]`: {"\xf3\xa0\x80", "\xf3\xa0\x81"},
		`.x`:                    nil,
		`(?:a|)b?`:              nil,
		`[^a]b`:                 nil,
	} {
		tree, err := parse(pattern, Clean)
		if err != nil {
			t.Fatal(err)
		}
		got := leadingLiterals(tree)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s begins with %q, want %q", pattern, got, want)
		}
	}
}
