package tokens

import (
	"math/bits"
	"slices"
)

// longMerge merges one long piece without searching for the lowest rank: pairs
// wait in one list a rank, and the ranks are gone through once, from the lowest
// up.
//
// Once is enough because joining a pair of rank r never makes a pair of a lower
// rank. Say it did: A|B of rank r, then AB|C of rank s < r. Nothing was joined
// across the ends of ABC yet, so ABC went the way it goes alone. Alone it becomes
// one token, and no step on the way has a rank above s: all of them came before r,
// so A|B is joined already. TestTokensBuildThemselves proves that of every token.
type longMerge struct {
	links   []link   // one a byte and an end mark
	lists   []uint32 // by rank: the first block of its list, 0 for none
	waiting []uint64 // bit r: list r is not empty
	blocks  []block  // of all lists; the first is not used
	free    uint32   // the first block of those not in use
	starts  []int32  // of the pairs of one rank, while they are joined
}

func newLongMerge(ranks int) *longMerge {
	return &longMerge{lists: make([]uint32, ranks), waiting: make([]uint64, (ranks+63)/64)}
}

// link is a token of the piece, kept at the index of its first byte.
type link struct {
	prev, next int32  // first bytes of its neighbours
	rank       uint32 // of joining it with the next one; none if that is no token
}

// block is a part of a list of pairs, the size of a cache line: a megabyte of
// random letters is mostly a matter of cache misses. It holds where its pairs
// begin. One is stale if the link there has another rank by now.
type block struct {
	next   uint32
	used   uint32
	starts [14]int32
}

// keepBytes is the longest piece whose buffers are kept for the next one, a few
// MB. A longer one is rare unless someone means harm, and must not be paid for for
// ever.
const keepBytes = 1 << 16

// count returns the number of tokens of piece. The only error is that of b's
// context, and after it m cannot be used again.
func (m *longMerge) count(b *budget, r *ranks, piece string) (int, error) {
	m.reset(r, piece)
	if err := b.spend(len(piece)); err != nil {
		return 0, err
	}
	tokens := len(piece)
	for w := range m.waiting {
		for m.waiting[w] != 0 {
			tokens -= m.joinAll(r, piece, uint32(w*64+bits.TrailingZeros64(m.waiting[w])))
			if err := b.spend(len(m.starts)); err != nil {
				return 0, err
			}
		}
	}
	return tokens, nil
}

// reset makes every byte of piece a token and puts every pair in its list.
func (m *longMerge) reset(r *ranks, piece string) {
	m.links = slices.Grow(m.links[:0], len(piece)+1)[:len(piece)+1]
	m.blocks, m.free = append(m.blocks[:0], block{}), 0
	for i := range m.links {
		m.links[i] = link{prev: int32(i - 1), next: int32(i + 1)}
	}
	for i := len(piece); i >= 0; i-- {
		m.rate(r, piece, int32(i))
	}
}

// joinAll joins the pairs of one rank from left to right and returns how many there
// were. The order matters where they overlap: aaa is aa|a.
func (m *longMerge) joinAll(r *ranks, piece string, rank uint32) (joined int) {
	m.take(rank)
	for _, at := range m.starts {
		if m.links[at].rank != rank {
			continue
		}
		m.join(at)
		m.rate(r, piece, at)
		if at > 0 {
			m.rate(r, piece, m.links[at].prev)
		}
		joined++
	}
	return joined
}

// join makes the token at index at swallow the next one.
func (m *longMerge) join(at int32) {
	gone := m.links[at].next
	next := m.links[gone].next
	m.links[gone].rank = none
	m.links[at].next = next
	m.links[next].prev = at
}

// rate finds the rank of joining the token at index at with the next one, and puts
// the pair in its list.
func (m *longMerge) rate(r *ranks, piece string, at int32) {
	rank := uint32(none)
	if next := m.links[at].next; int(next) < len(piece) {
		rank = r.of(piece[at:m.links[next].next])
	}
	m.links[at].rank = rank
	if rank != none {
		m.put(rank, at)
	}
}

// put adds a pair to the list of its rank.
func (m *longMerge) put(rank uint32, start int32) {
	at := m.lists[rank]
	if at == 0 || m.blocks[at].used == uint32(len(block{}.starts)) {
		at = m.newBlock(at)
		m.lists[rank] = at
		m.waiting[rank/64] |= 1 << (rank % 64)
	}
	b := &m.blocks[at]
	b.starts[b.used] = start
	b.used++
}

func (m *longMerge) newBlock(next uint32) uint32 {
	at := m.free
	if at == 0 {
		m.blocks = append(m.blocks, block{next: next})
		return uint32(len(m.blocks) - 1)
	}
	m.free = m.blocks[at].next
	m.blocks[at].next, m.blocks[at].used = next, 0
	return at
}

// take empties the list of a rank into m.starts, in order. Lists are mostly written
// from right to left, and read backwards.
func (m *longMerge) take(rank uint32) {
	m.starts = m.starts[:0]
	for at := m.lists[rank]; at != 0; {
		b := &m.blocks[at]
		for i := b.used; i > 0; i-- {
			m.starts = append(m.starts, b.starts[i-1])
		}
		at, b.next, m.free = b.next, m.free, at
	}
	m.lists[rank] = 0
	m.waiting[rank/64] &^= 1 << (rank % 64)
	slices.Sort(m.starts)
}
