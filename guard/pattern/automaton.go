package pattern

import "slices"

// automaton finds where literals begin in one pass over a text (Aho and
// Corasick, 1975). Every state knows the next one for every byte, so the pass
// takes the same time whatever the text.
type automaton struct {
	class [256]uint8 // bytes that no literal holds are of class 0
	width int        // how many classes there are
	next  []uint32   // by state*width+class: the next state, times width, and final
	ends  [][]ending // by state: the literals that end there
}

// final marks a state in which a literal ends. Most are not, and in prose nearly
// every byte leads to one that is not.
const final = 1 << 31

// ending is a literal of a set.
type ending struct{ set, length uint32 }

// newAutomaton takes the sets of literals. No literal is empty.
func newAutomaton(sets [][]string) *automaton {
	a := &automaton{width: 1}
	for _, set := range sets {
		a.classify(set)
	}
	a.reserve(slices.Concat(sets...))
	a.addState()
	a.grow(sets)
	a.complete()
	return a
}

// classify gives the bytes of literals classes of their own.
func (a *automaton) classify(literals []string) {
	for _, l := range literals {
		for i := range len(l) {
			if a.class[l[i]] == 0 {
				a.class[l[i]] = uint8(a.width)
				a.width++
			}
		}
	}
}

// reserve makes room for the states of the literals: one for each beginning that
// the one before, in their order, does not have too.
func (a *automaton) reserve(literals []string) {
	slices.Sort(literals)
	states, before := 1, ""
	for _, l := range literals {
		same := 0
		for same < min(len(l), len(before)) && l[same] == before[same] {
			same++
		}
		states, before = states+len(l)-same, l
	}
	a.next = make([]uint32, 0, states*a.width)
	a.ends = make([][]ending, 0, states)
}

func (a *automaton) addState() uint32 {
	a.next = a.next[:len(a.next)+a.width]
	a.ends = append(a.ends, nil)
	return uint32(len(a.ends) - 1)
}

// grow adds the literals, all first bytes before all second ones: a text is nearly
// always in a state that few bytes lead to, and so these stand together in memory.
func (a *automaton) grow(sets [][]string) {
	type growing struct {
		ending
		rest  string
		state uint32
	}
	var all []growing
	for i, set := range sets {
		for _, l := range set {
			all = append(all, growing{ending: ending{uint32(i), uint32(len(l))}, rest: l})
		}
	}
	for len(all) > 0 {
		left := all[:0]
		for _, g := range all {
			if g.state, g.rest = a.child(g.state, g.rest[0]), g.rest[1:]; g.rest != "" {
				left = append(left, g)
			} else {
				a.ends[g.state] = append(a.ends[g.state], g.ending)
			}
		}
		all = left
	}
}

// child returns the state that a byte leads to, a new one if there is none yet.
func (a *automaton) child(state uint32, b byte) uint32 {
	at := int(state)*a.width + int(a.class[b])
	if a.next[at] == 0 {
		a.next[at] = a.addState()
	}
	return a.next[at]
}

// complete turns the tree of literals into an automaton, breadth first: where a
// state has no edge it takes that of its longest suffix that is a state, and it
// ends what that one ends.
func (a *automaton) complete() {
	suffix := make([]uint32, len(a.ends))
	for queue := []uint32{0}; len(queue) > 0; queue = queue[1:] {
		state := queue[0]
		for c := range a.width {
			at, fallback := int(state)*a.width+c, a.next[int(suffix[state])*a.width+c]
			child := a.next[at]
			if child == 0 {
				a.next[at] = fallback
				continue
			}
			if state != 0 {
				suffix[child] = fallback
			}
			if more := a.ends[suffix[child]]; len(more) > 0 {
				a.ends[child] = slices.Concat(a.ends[child], more)
			}
			queue = append(queue, child)
		}
	}
	for i, state := range a.next {
		a.next[i] = state * uint32(a.width)
		if len(a.ends[state]) > 0 {
			a.next[i] |= final
		}
	}
}

// scan puts into c, by set, where literals begin in text, in the order in which
// they end.
func (a *automaton) scan(text string, c *candidates) {
	at := uint32(0)
	for i := range len(text) {
		class := a.class[text[i]]
		if class == 0 {
			at = 0
			continue
		}
		at = a.next[at+uint32(class)]
		if at&final == 0 {
			continue
		}
		at &^= final
		for _, e := range a.ends[int(at)/a.width] {
			c.add(e.set, uint32(i+1)-e.length)
		}
	}
}

// candidates are the places where matches may begin.
type candidates struct {
	begins [][]uint32 // by expression
	which  []uint32   // the expressions that have any, each once
}

func (c *candidates) add(expression, begin uint32) {
	if len(c.begins[expression]) == 0 {
		c.which = append(c.which, expression)
	}
	c.begins[expression] = append(c.begins[expression], begin)
}

// clear keeps the memory for the next text.
func (c *candidates) clear() {
	for _, e := range c.which {
		c.begins[e] = c.begins[e][:0]
	}
	c.which = c.which[:0]
}
