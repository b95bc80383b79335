package batching

import (
	"math/bits"
	"slices"
)

// slack is how much dearer than alone, as one part in slack, an item may make a
// batch that it joins. Batching saves what Cost does not know (a call of the
// runtime, a tensor, a wake-up), and measured on short rows that is 10 to 25 %.
const slack = 8

// limits are what an executor puts on its batches.
type limits struct {
	maxItems, maxCost int
	cost              func(count, longest, sum int) int
}

// picker chooses a batch from sizes. Its slices are reused.
type picker struct {
	order, chosen []int
	peers         [bits.UintSize + 1]int // sizes by their power of two
}

// choose returns the places in sizes of the items that make a batch. Place 0,
// the item that must go, is first and always there, even if it alone exceeds
// maxCost. Then the others are tried, nearest in size first, and one joins if
// the batch stays within l and costs no more than the batch without it and what
// the item would cost elsewhere, give or take slack. So where Cost is the padded
// tensor and there is nothing else to share, only near-equal sizes join; where
// Cost is the packed sum, or has a fixed part that a batch pays once, others do as
// well. The answer is valid until the next call.
func (p *picker) choose(sizes []int, l limits) []int {
	p.count(sizes)
	p.chosen = append(p.chosen[:0], 0)
	longest, sum := sizes[0], sizes[0]
	cost := l.cost(1, longest, sum)
	for _, i := range p.nearest(sizes) {
		if len(p.chosen) == l.maxItems {
			break
		}
		size := sizes[i]
		with := l.cost(len(p.chosen)+1, max(longest, size), sum+size)
		if with > l.maxCost {
			continue
		}
		if elsewhere := p.elsewhere(size, l); with > cost+elsewhere+elsewhere/slack {
			continue
		}
		p.chosen = append(p.chosen, i)
		longest, sum, cost = max(longest, size), sum+size, with
	}
	return p.chosen
}

// count files sizes by their power of two.
func (p *picker) count(sizes []int) {
	clear(p.peers[:])
	for _, s := range sizes {
		p.peers[bits.Len(uint(s))]++
	}
}

// elsewhere is what an item of this size costs if it does not join: its share of
// a batch of those of its own power of two, or alone where that is less. Were it
// always alone, a fixed part as large as a card's would bring short and long
// together while others of their like wait: measured on lengths of real texts
// with 256 in the window, that costs a quarter more.
func (p *picker) elsewhere(size int, l limits) int {
	alone := l.cost(1, size, size)
	peers := min(p.peers[bits.Len(uint(size))], l.maxItems)
	if peers < 2 {
		return alone
	}
	return min(alone, l.cost(peers, size, peers*size)/peers)
}

// nearest returns the places after the first by how far their size is from the
// first's, in powers of two, and by place where that is equal. Counting by
// power is linear and keeps the order of turns among sizes that are much alike.
func (p *picker) nearest(sizes []int) []int {
	var start [bits.UintSize + 2]int
	for _, s := range sizes[1:] {
		start[distance(sizes[0], s)+1]++
	}
	for d := range len(start) - 1 {
		start[d+1] += start[d]
	}
	n := len(sizes) - 1
	p.order = slices.Grow(p.order[:0], n)[:n]
	for i, s := range sizes[1:] {
		d := distance(sizes[0], s)
		p.order[start[d]] = i + 1
		start[d]++
	}
	return p.order
}

// distance is 0 for equal sizes, else one more than the power of two below the
// difference.
func distance(a, b int) int { return bits.Len(uint(max(a, b) - min(a, b))) }
