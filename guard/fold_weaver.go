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

	cluster, decomposed, composed []byte // scratch
}

func newWeaver(raw string) *weaver {
	return &weaver{raw: raw, clean: viewBuilder{raw: raw}, folded: foldedBuilder{view: viewBuilder{raw: raw}}}
}

// maxJoined is how many characters may follow the first of a cluster; what
// comes after them is dropped from the views. No language stacks as many. It
// keeps the sorting of marks linear, and it is below the 30 at which x/text
// would insert a character of its own into a cluster.
const maxJoined = 12

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
	if joined == 0 && (r < utf8.RuneSelf || norm.NFKC.PropertiesString(w.raw[from:]).Decomposition() == nil) {
		w.addSingle(r, from, end)
	} else {
		w.addCluster(from, end)
	}
	return next
}

// addSingle adds a character that NFKC leaves as it is.
func (w *weaver) addSingle(r rune, from, end int) {
	w.clean.keep(from, end)
	w.folded.add(foldRune(r), from, end, true)
}

// addCluster adds a cluster that NFKC may change. Look-alikes are found in the
// decomposed text, where an accent does not hide them, and composed again.
func (w *weaver) addCluster(from, end int) {
	w.decomposed = trimJoined(norm.NFKD.Append(w.decomposed[:0], w.cluster...))
	w.composed = norm.NFC.Append(w.composed[:0], w.decomposed...)
	w.clean.replace(from, end, w.composed)

	w.cluster = foldDecomposed(w.cluster[:0], w.decomposed)
	w.composed = norm.NFC.Append(w.composed[:0], w.cluster...)
	single := utf8.RuneCount(w.composed) == 1
	for rest := w.composed; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		w.folded.add(r, from, end, single)
		rest = rest[size:]
	}
}

// trimJoined drops what follows maxJoined characters that combine backwards, so
// that a normalised cluster is within the bound too, and stays as it is when it
// is normalised again.
func trimJoined(d []byte) []byte {
	if utf8.RuneCount(d) <= maxJoined {
		return d
	}
	out, joined := d[:0], 0
	for len(d) > 0 {
		p := norm.NFKD.Properties(d)
		if joined++; p.BoundaryBefore() {
			joined = 0
		}
		if joined <= maxJoined {
			out = append(out, d[:p.Size()]...)
		}
		d = d[p.Size():]
	}
	return out
}

// foldDecomposed appends the folded characters of d to dst. The dot above an i
// or a j is left out: they have one, so U+0130 is an i with a dot too many.
func foldDecomposed(dst, d []byte) []byte {
	const dotAbove = '\u0307'
	var last rune
	for len(d) > 0 {
		r, size := utf8.DecodeRune(d)
		if d = d[size:]; r == dotAbove && (last == 'i' || last == 'j') {
			continue
		}
		last = foldRune(r)
		dst = utf8.AppendRune(dst, last)
	}
	return dst
}
