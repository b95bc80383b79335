package pattern

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestToldIsTheExpression: the list of words says what one large expression would.
func TestToldIsTheExpression(t *testing.T) {
	t.Parallel()
	plain := regexp.MustCompile(`(?:^|[ .,!?:;"'(])(?:` + strings.TrimSuffix(strings.Join(tellers, "|"), "|") + `)$|` + toldOf.source)
	words := slices.Concat(tellers, strings.Fields(`must should let makes said like they'll tout "to 'it Lito (she a,i don't, well-to e-to "`))
	r := rand.New(rand.NewPCG(4, 4))
	for range 2000 {
		var b strings.Builder
		for range r.IntN(5) {
			b.WriteString(words[r.IntN(len(words))] + []string{"", " ", " "}[r.IntN(3)])
		}
		if s := b.String(); told(s) != plain.MatchString(s) {
			t.Fatalf("%q is told of: %v", s, told(s))
		}
	}
}

// TestWordingsAreTheExpression: looking at verbs and ends first leaves out nothing that
// the expression finds anywhere in a text, and finds the same beginning.
func TestWordingsAreTheExpression(t *testing.T) {
	t.Parallel()
	words := strings.Fields(`write tell make up finish end with refer to include put say attach in into to on from out of throughout after before start top
		me us the user reader this link an emoji "x re-write x_put 9say (show also always don't a big well-known https://a.example joke extraordinarily.`)
	for name, w := range map[string]wordings{"any": ordersOfAny, "words": ordersOfWords, "making up": ordersOfMakingUp} {
		plain := regexp.MustCompile(`\b` + w.form.source)
		found, r := 0, rand.New(rand.NewPCG(3, 3))
		for range 2000 {
			var b strings.Builder
			for range 1 + r.IntN(12) {
				b.WriteString(words[r.IntN(len(words))] + " ")
			}
			at, ok := w.among(b.String())
			want := plain.FindStringIndex(b.String())
			if ok != (want != nil) || ok && at != want[0] {
				t.Fatalf("%s: %q: %d %v, want %v", name, b.String(), at, ok, want)
			}
			if ok {
				found++
			}
		}
		if found < 3 {
			t.Errorf("%s: only %d texts had one", name, found)
		}
	}
}
