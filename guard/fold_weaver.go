package guard

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A weaver makes both views in one pass over the clusters of a text: a
// character with the marks, and the parts of Hangul and Indic syllables, that
// may combine with it. NFKC of a text is NFKC of its clusters one by one.
type weaver struct {
	raw    string
	clean  viewBuilder
	folded foldedBuilder

	cluster []byte // the visible characters of the cluster at hand
	scratch clusterScratch
}

func newWeaver(raw string) *weaver {
	return &weaver{raw: raw, clean: viewBuilder{raw: raw}, folded: foldedBuilder{view: viewBuilder{raw: raw}}}
}

// weave fills the views, or returns false as soon as one outgrows limit.
func (w *weaver) weave(limit int) bool {
	for i := 0; i < len(w.raw); {
		if end := w.plainEnd(i); end > i {
			w.clean.keep(i, end)
			w.folded.ascii(i, end)
			i = end
		} else if r, size := utf8.DecodeRuneInString(w.raw[i:]); isInvisible(r) {
			i += size
		} else {
			i = w.weaveCluster(i)
		}
		if w.clean.size() > limit || w.folded.view.size() > limit {
			return false
		}
	}
	return true
}

// plainEnd returns the end of the ASCII characters from i that form clusters of
// their own. One before a character that may combine with it is left out.
func (w *weaver) plainEnd(i int) int {
	start := i
	for i < len(w.raw) && isPlain[w.raw[i]] {
		i++
	}
	if i < len(w.raw) && i > start {
		i--
	}
	return i
}

// isPlain tells the ASCII characters that stay in Clean as they are.
var isPlain = func() (plain [256]bool) {
	for c := range rune(utf8.RuneSelf) {
		plain[c] = !isInvisible(c)
	}
	return plain
}()

// weaveCluster adds the cluster whose first character stands at from and
// returns where the next one may begin.
func (w *weaver) weaveCluster(from int) int {
	r, size := utf8.DecodeRuneInString(w.raw[from:])
	end := from + size
	w.cluster = append(w.cluster[:0], w.raw[from:end]...)
	next, joined := end, 0
	for next < len(w.raw) {
		c, size := utf8.DecodeRuneInString(w.raw[next:])
		if !isInvisible(c) {
			if c < utf8.RuneSelf || norm.NFKC.PropertiesString(w.raw[next:]).BoundaryBefore() {
				break
			}
			if joined++; joined <= maxJoined {
				end = next + size
				w.cluster = append(w.cluster, w.raw[next:end]...)
			}
		}
		next += size
	}
	w.addCluster(r, joined > 0, from, end)
	return next
}

// addCluster adds the cluster of r, which stands at raw[from:end].
func (w *weaver) addCluster(r rune, joined bool, from, end int) {
	if !joined {
		single, changes := singles()[r]
		if !changes { // NFKC leaves it as it is
			w.clean.keep(from, end)
			if !isAccent(r) { // one that has no letter to stand on
				w.folded.add(foldRune(r), from, end, true)
			}
			return
		}
		w.clean.replace(from, end, single.clean)
		w.folded.addAll(single.folded, from, end)
		return
	}
	clean, folded := w.scratch.rewrite(w.cluster)
	w.clean.replace(from, end, clean)
	w.folded.addAll(folded, from, end)
}
