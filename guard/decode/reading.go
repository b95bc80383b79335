package decode

import (
	"iter"
	"sort"
)

// Reading is what all stretches of one kind in a view say. Stretches that stand
// apart are apart in it as well.
type Reading struct {
	Kind Kind
	View View // what Source speaks of
	Text string
	// Language says that it reads like language, which gibberish does not.
	Language bool

	pieces []piece // in order, none empty
}

// piece says which bytes of the view a stretch of a reading stands for.
type piece struct {
	at       uint32 // where it begins in the reading
	from, to uint32 // bytes of the view
	group    uint32 // pieces of two groups have nothing to do with each other
	copied   bool   // byte by byte, as context
}

// Source returns the bytes of the view that [start, end) of the reading stands
// for: whole stretches of what was hidden, and context by the byte. It is not ok
// if the range says nothing that the view does not say as plainly, or joins what
// stands apart. The range must not be empty.
func (r *Reading) Source(start, end int) (from, to int, ok bool) {
	i, j := r.pieceAt(start), r.pieceAt(end-1)
	from, to = r.pieces[i].source(start, end)
	hidden := false
	for _, p := range r.pieces[i : j+1] { // what was reversed comes from right to left
		low, high := p.source(start, end)
		from, to = min(from, low), max(to, high)
		hidden = hidden || !p.copied
	}
	return from, to, hidden && r.pieces[i].group == r.pieces[j].group
}

// source returns what of the view the piece gives to [start, end) of the reading.
func (p piece) source(start, end int) (from, to int) {
	from, to = int(p.from), int(p.to)
	if p.copied {
		from, to = max(from, min(from+start-int(p.at), to-1)), min(to, from+end-int(p.at))
	}
	return from, to
}

// Stretches yields the ranges of the reading that were hidden.
func (r *Reading) Stretches() iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		for i, p := range r.pieces {
			end := len(r.Text)
			if i+1 < len(r.pieces) {
				end = int(r.pieces[i+1].at)
			}
			if !p.copied && !yield(int(p.at), end) {
				return
			}
		}
	}
}

func (r *Reading) pieceAt(pos int) int {
	return sort.Search(len(r.pieces), func(i int) bool { return int(r.pieces[i].at) > pos }) - 1
}
