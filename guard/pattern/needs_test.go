package pattern

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNeeds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ passes, stops []string }{
		`ignore (?:all|the) rules`:     {[]string{"ignore the rules"}, []string{"ignore", "rules", "ignore rules"}},
		`(?:foo|bar)+baz?`:             {[]string{"fooba"}, []string{"foo", "ba"}},
		`x{0,3}`:                       {[]string{""}, nil},
		`(?:ab){2,3}`:                  {[]string{"abab"}, []string{"ba"}},
		`[0-9]{3}-[0-9]{4}`:            {[]string{"555-1234"}, []string{"5-1234", "5551234"}},
		`[0-9]|ten`:                    {[]string{"1", "ten"}, nil},
		`[\x{200B}-\x{200D}]`:          {[]string{"a\u200bb"}, []string{"abc", "é"}},
		`[^\x00-\x7f]`:                 {[]string{"é"}, []string{"abc"}},
		`x[\x00-\x08]|[\x01]`:          {[]string{"x\x00"}, []string{"x\n\t"}},
		`(?i)secret`:                   {[]string{"SeCrEt", ""}, nil},
		`a[bc]d`:                       {[]string{"acd"}, []string{"ad", "aed"}},
		`(?:a|.)z`:                     {[]string{"qz"}, []string{"a"}},
		`\b(?:tell|inform) the user\b`: {[]string{"inform the user"}, []string{"the user"}},
	}
	for expression, tt := range tests {
		n := needsOf(parse(t, expression))
		for _, text := range tt.passes {
			if !meets(n, text) {
				t.Errorf("%s: %q does not meet %+v", expression, text, n)
			}
		}
		for _, text := range tt.stops {
			if meets(n, text) {
				t.Errorf("%s: %q meets %+v", expression, text, n)
			}
		}
	}
}

// FuzzNeeds checks that no text with a match is held back.
func FuzzNeeds(f *testing.F) {
	rules, err := Builtin()
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range rules {
		for _, p := range r.Patterns {
			f.Add(p, r.Hits[0])
		}
	}
	f.Add(`(?:a|b?)c|d{0,2}e`, "xbc")
	f.Add(`(?i)k1|\x{212A}`, "K1")
	f.Add(`(?:ab?){2}[^0-9]\z`, "aabx")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		re, bad := regexp.Compile(pattern)
		if err != nil || bad != nil || len(pattern) > 4000 || !utf8.ValidString(text) {
			return
		}
		n, longest := needsOf(tree), maxBytes(tree)
		for _, at := range re.FindAllStringIndex(text, -1) {
			if match := text[at[0]:at[1]]; !meets(n, match) || !meets(n, text) {
				t.Fatalf("%s matches %q, but needs %+v", pattern, match, n)
			} else if len(match) > longest {
				t.Fatalf("%s matches %d bytes, more than %d", pattern, len(match), longest)
			}
		}
	})
}

// FuzzLeading checks that an expression that is tried only where its literals
// stand finds what it would find in the whole text.
func FuzzLeading(f *testing.F) {
	rules, err := Builtin()
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range rules {
		for _, p := range r.Patterns {
			f.Add(p, strings.Join(r.Hits, "x"+r.Hits[0]))
		}
	}
	f.Add(`\b(?:ab|b)c?`, "abcb abxab")
	f.Add(`(?:aa|a)b?`, "aaab aab")
	f.Add(`(a)?b|ab`, "ab")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		e, err := newExpression(pattern, Clean)
		if err != nil || len(e.leading) == 0 || len(pattern) > 4000 || !utf8.ValidString(text) {
			return
		}
		begins, seen := make([][]uint32, 1), make([]bool, len(e.needs.sets))
		newAutomaton([][]string{e.leading}, e.needs.sets).scan(text, begins, seen)
		got := e.matches(&subject{text: text, seen: seen}, begins[0], nil)
		var want []match
		for _, at := range regexp.MustCompile(pattern).FindAllStringSubmatchIndex(text, -1) {
			want = append(want, e.found(at, 0))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s in %q: %v, want %v (%q)", pattern, text, got, want, e.leading)
		}
	})
}

func meets(n needs, text string) bool {
	s := subject{text: text, seen: make([]bool, len(n.sets))}
	newAutomaton(nil, n.sets).scan(text, nil, s.seen)
	return n.met(&s)
}

func TestMaxBytes(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]int{
		`abc`: 3, `é`: 2, `[a-é]`: 2, `.`: 4, `a?b`: 2, `(?:ab|c){2,5}`: 10, `a*`: unbounded, `a+b`: unbounded,
		`a{3,}`: unbounded, `\bx\b`: 1, `(?i)ks`: 8, `(?:a{1000}){2}`: 2000,
	} {
		tree, err := syntax.Parse(expression, syntax.Perl)
		if err != nil {
			continue // Go refuses more than 1000 repetitions
		}
		if got := maxBytes(tree); got != want {
			t.Errorf("%s: %d bytes, want %d", expression, got, want)
		}
	}
}

func parse(t *testing.T, expression string) *syntax.Regexp {
	t.Helper()
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
