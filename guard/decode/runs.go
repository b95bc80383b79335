package decode

import "iter"

// runs yields the longest stretches of text that hold nothing but bytes of the
// set and are n bytes long or longer. It looks at the last byte of where one could
// be first, so that most of a text is never looked at.
func runs(text string, set *[256]bool, n int) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		for i := 0; i+n <= len(text); {
			k := i + n - 1
			for k >= i && set[text[k]] {
				k--
			}
			if k >= i {
				i = k + 1
				continue
			}
			end := runEnd(text, i+n, set)
			if !yield(i, end) {
				return
			}
			i = end + 1
		}
	}
}

// runEnd returns the end of the bytes of the set from i.
func runEnd(text string, i int, set *[256]bool) int {
	for i < len(text) && set[text[i]] {
		i++
	}
	return i
}
