package guard

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxJoined is how many characters may follow the first of a cluster; what
// comes after them is dropped from the views. No language stacks as many. It
// keeps the sorting of marks linear, and it is below the 30 at which x/text
// would insert a character of its own into a cluster.
const maxJoined = 12

// clusterScratch is memory for rewriting one cluster after the other.
type clusterScratch struct {
	decomposed, clean, mapped, folded []byte

	iter *norm.Iter // big, and most texts need none
}

// rewrite returns the cluster as the views have it, valid until the next call.
// Look-alikes are found in the decomposed text, where an accent does not hide
// them, and composed again.
func (s *clusterScratch) rewrite(cluster []byte) (clean, folded []byte) {
	s.decomposed = trimJoined(s.normalize(s.decomposed[:0], norm.NFKD, cluster))
	s.clean = s.normalize(s.clean[:0], norm.NFC, s.decomposed)
	s.mapped = foldDecomposed(s.mapped[:0], s.decomposed)
	if bytes.Equal(s.mapped, s.decomposed) {
		return s.clean, s.clean
	}
	s.folded = s.normalize(s.folded[:0], norm.NFC, s.mapped)
	return s.clean, s.folded
}

// normalize appends f of src to dst. Form.Append would do, but allocates 2 KB
// a call, and a hostile text calls for every character.
func (s *clusterScratch) normalize(dst []byte, f norm.Form, src []byte) []byte {
	if f.QuickSpan(src) == len(src) {
		return append(dst, src...)
	}
	if s.iter == nil {
		s.iter = new(norm.Iter)
	}
	for s.iter.Init(f, src); !s.iter.Done(); {
		dst = append(dst, s.iter.Next()...)
	}
	return dst
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

// foldDecomposed appends the folded characters of d to dst, accents left out.
func foldDecomposed(dst, d []byte) []byte {
	for len(d) > 0 {
		r, size := utf8.DecodeRune(d)
		if d = d[size:]; !isAccent(r) {
			dst = utf8.AppendRune(dst, foldRune(r))
		}
	}
	return dst
}

// single is what becomes of a character that NFKC may change.
type single struct{ clean, folded []byte }

// lastRewritten ends plane 2: planes beyond hold nothing that NFKC changes.
const lastRewritten = 0x2ffff

// singles holds every such character as a cluster of its own. Accented letters
// are in every other language; looking them up takes a tenth of the time.
var singles = sync.OnceValue(func() map[rune]single {
	table := make(map[rune]single)
	var s clusterScratch
	for r := rune(utf8.RuneSelf); r <= lastRewritten; r++ {
		if norm.NFKC.PropertiesString(string(r)).Decomposition() != nil {
			clean, folded := s.rewrite([]byte(string(r)))
			table[r] = single{bytes.Clone(clean), bytes.Clone(folded)}
		}
	}
	return table
})
