package ort

import (
	"cmp"
	"slices"

	"github.com/portcullis-ai/portcullis/inference"
)

// plan is where the texts of one tensor lie. It is reused from batch to batch.
type plan struct {
	rows, width int
	// starts has for each text, in the order of the batch, where it begins: row *
	// width + column.
	starts []int
	// outputs is how many rows of logits the graph gives, those of the texts first.
	outputs int

	order []int // of packing: texts by falling length
	room  []int // of packing: tokens free in each row
}

// lay plans a batch, which is not empty.
func (p *plan) lay(batch []inference.Encoding, s shapes) {
	longest, sum := 0, 0
	for _, e := range batch {
		longest, sum = max(longest, e.Len()), sum+e.Len()
	}
	p.width = s.width(longest, sum)
	p.starts = slices.Grow(p.starts[:0], len(batch))[:len(batch)]
	if s.layout.packed() {
		p.rows, p.outputs = s.rows(p.pack(batch)), len(batch)
		return
	}
	for i := range batch {
		p.starts[i] = i * p.width
	}
	p.rows = s.rows(len(batch))
	p.outputs = p.rows
}

// pack puts each text, the longest first, into the first row that has room, and
// returns how many rows it took: at most 11/9 of the fewest possible, and one
// (D. S. Johnson's bound for first-fit decreasing).
func (p *plan) pack(batch []inference.Encoding) int {
	p.order = p.order[:0]
	for i := range batch {
		p.order = append(p.order, i)
	}
	slices.SortStableFunc(p.order, func(a, b int) int { return cmp.Compare(batch[b].Len(), batch[a].Len()) })
	p.room = p.room[:0]
	for _, i := range p.order {
		n := batch[i].Len()
		row := slices.IndexFunc(p.room, func(free int) bool { return free >= n })
		if row < 0 {
			row = len(p.room)
			p.room = append(p.room, p.width)
		}
		p.starts[i] = row*p.width + p.width - p.room[row]
		p.room[row] -= n
	}
	return len(p.room)
}
