package pattern

import "testing"

// TestSequels asks what may stand behind a literal in a match.
func TestSequels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, literal string
		may, not         []string // behind it
	}{
		{`abcd[0-9]x`, "abcd", []string{"7x", "7xé", "é"}, []string{"ax", "7y", "7", ""}},
		{`abcd(?:ef|gh)?`, "abcd", []string{"", "ef", "zz"}, nil},
		{`abcd\b efg`, "abcd", []string{" efg", " efg!"}, []string{"efg", " fg", " e"}},
		{`(?i)abcdK`, "abcd", []string{"k", "K", "\u212a"}, []string{"a"}},
		{`абв.{1,3}г`, "абв", []string{"x", "г", ""}, nil},
		{`abcdé?f`, "abcd", []string{"f", "éf"}, []string{"g"}},
	} {
		e, err := newExpression(tt.pattern, Clean)
		if err != nil {
			t.Fatal(err)
		}
		q := newSequelist(e.machine.prog).behind(tt.literal)
		for _, s := range tt.may {
			if ok, _ := q.follows("__"+tt.literal+s, 2+len(tt.literal)); !ok {
				t.Errorf("%s: %q may stand behind %q", tt.pattern, s, tt.literal)
			}
		}
		for _, s := range tt.not {
			if ok, reach := q.follows(tt.literal+s, len(tt.literal)); ok || reach > len(tt.literal)+len(s)+1 {
				t.Errorf("%s: %q may not stand behind %q; looked to %d", tt.pattern, s, tt.literal, reach)
			}
		}
	}
}

// TestSignsOfWords tells every letter of lower case from all other signs.
func TestSignsOfWords(t *testing.T) {
	t.Parallel()
	for a := range signOf {
		for b := range signOf {
			if a != b && signOf[a] == signOf[b] && (isLetter(byte(a)) || isLetter(byte(b)) || a == ' ' || b == ' ') {
				t.Errorf("%q and %q are one", rune(a), rune(b))
			}
		}
	}
}
