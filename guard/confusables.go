package guard

import (
	"slices"
)

// confusable is a character outside ASCII and the lower-case ASCII character
// that readers take it for.
type confusable struct{ from, to rune }

func lookalike(r rune) (rune, bool) {
	i, ok := slices.BinarySearchFunc(confusables[:], r, func(c confusable, r rune) int { return int(c.from - r) })
	if !ok {
		return 0, false
	}
	return confusables[i].to, true
}
