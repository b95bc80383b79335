package wordpiece

import "sort"

// none is the id of a node at which no vocabulary entry ends.
const none = -1

// The two starting points of a search. A word is looked up from wordRoot, what
// follows its first piece from tailRoot: the entries that the vocabulary writes
// with "##". Two roots spare the concatenation of "##" and the text.
const (
	wordRoot = 0
	tailRoot = 1
)

// node is one state of a double-array trie: the child of state s by byte c is
// the node at nodes[s].base^c, if that node names s as its parent. A step is
// one load of 12 bytes, whatever the number of children, which no hash table
// matches, and a miss costs as little as a hit.
type node struct {
	base   int32
	parent int32
	id     int32
}

// trie finds the longest vocabulary entry at a place in time linear in that
// entry, so that a run of odd letters costs no more than prose.
type trie struct{ nodes []node }

// longest returns the id and the length in bytes of the longest entry that text
// starts with, reading its bytes through lower, or none and 0.
func longest[T string | []byte](t *trie, root int32, lower *[256]byte, text T) (int32, int) {
	nodes := t.nodes
	state, id, size := root, int32(none), 0
	for i := range len(text) {
		next := nodes[state].base ^ int32(lower[text[i]])
		n := &nodes[next]
		if n.parent != state {
			break
		}
		if n.id != none {
			id, size = n.id, i+1
		}
		state = next
	}
	return id, size
}

// newTrie builds the trie of two sets of entries, neither holding the empty
// string.
func newTrie(words, tails map[string]int32) *trie {
	b := builder{free: 2}
	b.grow()
	b.place(wordRoot, sortedKeys(words), 0, words)
	b.place(tailRoot, sortedKeys(tails), 0, tails)
	return &trie{nodes: b.nodes}
}

func sortedKeys(m map[string]int32) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// builder lays the states out. free is the lowest node that may be unused.
type builder struct {
	nodes []node
	free  int32
}

const unused = -1

// grow adds a block of 256 nodes, the reach of a base.
func (b *builder) grow() {
	for range 256 {
		b.nodes = append(b.nodes, node{parent: unused, id: none})
	}
}

func (b *builder) taken(i int32) bool { return i <= tailRoot || b.nodes[i].parent != unused }

// place gives state its children: keys are sorted and share their first depth
// bytes, the path to state.
func (b *builder) place(state int32, keys []string, depth int, ids map[string]int32) {
	if len(keys) > 0 && len(keys[0]) == depth {
		b.nodes[state].id = ids[keys[0]]
		keys = keys[1:]
	}
	if len(keys) == 0 {
		return
	}
	groups := groupByByte(keys, depth)
	base := b.findBase(groups, depth)
	b.nodes[state].base = base
	for _, g := range groups {
		b.nodes[base^int32(g[0][depth])].parent = state
	}
	for _, g := range groups {
		b.place(base^int32(g[0][depth]), g, depth+1, ids)
	}
}

// groupByByte cuts sorted keys into runs with the same byte at depth.
func groupByByte(keys []string, depth int) [][]string {
	var groups [][]string
	start := 0
	for i := range keys {
		if keys[i][depth] != keys[start][depth] {
			groups = append(groups, keys[start:i])
			start = i
		}
	}
	return append(groups, keys[start:])
}

// findBase returns a base under which the nodes of all groups are unused. A
// state of one child, nearly all are, takes the first unused node.
func (b *builder) findBase(groups [][]string, depth int) int32 {
	for b.taken(b.free) {
		b.free++
		b.reach(b.free)
	}
	for i := b.free; ; i++ {
		b.reach(i)
		base := i ^ int32(groups[0][0][depth])
		if !b.taken(i) && b.fits(base, groups, depth) {
			return base
		}
	}
}

// reach makes sure that the whole block of node i is there.
func (b *builder) reach(i int32) {
	if int(i) >= len(b.nodes) {
		b.grow()
	}
}

func (b *builder) fits(base int32, groups [][]string, depth int) bool {
	for _, g := range groups {
		if b.taken(base ^ int32(g[0][depth])) {
			return false
		}
	}
	return true
}
