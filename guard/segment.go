package guard

import (
	"sort"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// SegmentStart returns the last place of text, at most i, at which a segment may
// begin: PrepareAt of what follows gives the views as PrepareAt of the whole has
// them, but for a run of white space that the segment cuts. It is 0 where there is
// none.
func SegmentStart(text string, i int) int {
	for i > 0 {
		if i < len(text) && utf8.RuneStart(text[i]) {
			r, _ := utf8.DecodeRuneInString(text[i:])
			if !isInvisible(r) && (r < utf8.RuneSelf || norm.NFKC.PropertiesString(text[i:]).BoundaryBefore()) {
				return i
			}
		}
		i--
	}
	return 0
}

// Offset returns how many bytes of the view come from before the byte at of the
// text as received. Of a character that was rewritten it counts none.
func (v View) Offset(at int) int {
	at -= v.base
	if len(v.runs) == 0 {
		return min(max(at, 0), len(v.Text))
	}
	i := sort.Search(len(v.runs), func(i int) bool { return int(v.runs[i].raw) > at }) - 1
	if i < 0 {
		return 0
	}
	r, end := v.runs[i], len(v.Text)
	if i+1 < len(v.runs) {
		end = int(v.runs[i+1].view)
	}
	if r.same {
		return min(int(r.view)+at-int(r.raw), end)
	}
	if at >= int(r.end) {
		return end
	}
	return int(r.view)
}
