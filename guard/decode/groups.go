package decode

import "iter"

// Groups yields the ranges of the view that the groups of stretches take up, with
// the context that is read together with them.
func (r *Reading) Groups() iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for i := 0; i < len(r.pieces); {
			first := r.pieces[i]
			from, to := first.from, first.to
			for ; i < len(r.pieces) && r.pieces[i].group == first.group; i++ {
				from, to = min(from, r.pieces[i].from), max(to, r.pieces[i].to)
			}
			if !yield(int(from), int(to)) {
				return
			}
		}
	}
}
