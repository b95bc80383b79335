package pattern

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// TestIsFolded folds what is taken for folded, in either case.
func TestIsFolded(t *testing.T) {
	t.Parallel()
	signs := []rune("abcdefghijklmnopqrstuvwxyz0123456789   .ABé")
	r, n := rand.New(rand.NewPCG(5, 6)), 0
	for range 20_000 {
		var b strings.Builder
		for range 1 + r.IntN(8) {
			b.WriteRune(signs[r.IntN(len(signs))])
		}
		s := b.String()
		if !isFolded(s) {
			continue
		}
		n++
		if guard.Fold(s) != s || guard.Fold(strings.ToUpper(s)) != s {
			t.Errorf("%q folds to %q and %q", s, guard.Fold(s), guard.Fold(strings.ToUpper(s)))
		}
	}
	if n < 1000 || isFolded("") || isFolded(" a") || isFolded("a ") || isFolded("a  b") || isFolded("A") {
		t.Errorf("%d of 20000 are folded", n)
	}
}
