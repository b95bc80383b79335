package pattern

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
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
		`(?i)secret`:                   {[]string{"SeCrEt", ""}, nil},
		`a[bc]d`:                       {[]string{"acd"}, []string{"ad", "aed"}},
		`(?:a|.)z`:                     {[]string{"qz"}, []string{"a"}},
		`\b(?:tell|inform) the user\b`: {[]string{"inform the user"}, []string{"the user"}},
	}
	for expression, tt := range tests {
		n := needsOf(parse(t, expression))
		for _, text := range tt.passes {
			if !n.met(&subject{text: text}) {
				t.Errorf("%s: %q does not meet %+v", expression, text, n)
			}
		}
		for _, text := range tt.stops {
			if n.met(&subject{text: text}) {
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
		f.Add(r.Pattern, r.Hits[0])
	}
	f.Add(`(?:a|b?)c|d{0,2}e`, "xbc")
	f.Add(`(?i)k1|\x{212A}`, "K1")
	f.Add(`(?:ab?){2}[^0-9]\z`, "aabx")
	f.Fuzz(func(t *testing.T, expression, text string) {
		tree, err := syntax.Parse(expression, syntax.Perl)
		if err != nil || len(expression) > 4000 {
			return
		}
		re, err := regexp.Compile(expression)
		if err != nil {
			return
		}
		n, longest := needsOf(tree), maxBytes(tree)
		for _, at := range re.FindAllStringIndex(text, -1) {
			if match := text[at[0]:at[1]]; !n.met(&subject{text: match}) || !n.met(&subject{text: text}) {
				t.Fatalf("%s matches %q, but needs %+v", expression, match, n)
			} else if len(match) > longest && strings.ToValidUTF8(match, "") == match {
				t.Fatalf("%s matches %d bytes, more than %d", expression, len(match), longest)
			}
		}
	})
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
