package pattern

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// TestTiedIsTheExpression: machines find in what judges look at what regexp finds there, also
// where a window begins within a character.
func TestTiedIsTheExpression(t *testing.T) {
	t.Parallel()
	words := strings.Fields(`told asked wants us me them students staff not to hi dear team, all: everyone! class please kindly just can you may your you yourself
		models ai-like prompts policy ethical harmful responses refused users, systems é’ über this that and then now nowadays must should let like phrase "it's said they'll`)
	for name, expression := range map[string]tied{"people": toPeople, "model": ofModel, "told": toldOf} {
		plain, found, r := regexp.MustCompile(`\A(?:`+expression.source+`)`), 0, rand.New(rand.NewPCG(5, 5))
		for range 8000 {
			var b strings.Builder
			for range r.IntN(7) {
				b.WriteString(words[r.IntN(len(words))] + []string{"", " ", " "}[r.IntN(3)])
			}
			s := b.String()
			s = s[r.IntN(len(s)/4+1):]
			if expression.holds(s) != plain.MatchString(s) {
				t.Fatalf("%s: %q: %v", name, s, expression.holds(s))
			}
			if expression.holds(s) {
				found++
			}
		}
		if found < 20 {
			t.Errorf("%s: only %d texts had one", name, found)
		}
	}
}
