package pattern

import (
	"regexp/syntax"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// machine runs one expression from a given place of a text. It finds what
// regexp finds there, the leftmost alternative first, some ten times faster and
// without allocating: where regexp follows all the ways through an expression at
// once, the machine has a state for each set of ways, made when a text first
// leads there. A step is then one look into a table.
//
// It is safe for concurrent use. What texts have made it keeps, up to maxStates.
type machine struct {
	known   atomic.Pointer[states]
	classes classes

	making sync.Mutex // held to make states
	prog   *syntax.Prog
	walk   walk
}

func newMachine(re *syntax.Regexp) (*machine, error) {
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, err
	}
	m := &machine{prog: prog, classes: newClasses(prog), walk: newWalk(prog)}
	m.known.Store(newStates(len(m.classes.samples), 1))
	return m, nil
}

// match returns the end of the match that begins at text[at:], -1 if there is
// none. Assertions see what stands around. The lead stands there, unless it is nil.
func (m *machine) match(l *lead, text string, at int) int {
	end, _ := m.read(l, text, at)
	return end
}

// read is match, and returns as well where what it looked at ends.
func (m *machine) read(l *lead, text string, at int) (end, reach int) {
	t := m.known.Load()
	if l == nil {
		return m.run(t, m.start(t, kindBefore(text, at)), text, at)
	}
	return m.run(t, m.behind(t, l, text, at), text, at+l.size)
}

// behind returns the state behind the lead at text[at:].
func (m *machine) behind(t *states, l *lead, text string, at int) state {
	kind := kindBefore(text, at)
	if known := l.after[kind].Load(); known>>32 == uint64(t.serial) {
		return state(known)
	}
	s := m.pass(t, text[at:at+l.size], m.start(t, kind))
	l.after[kind].Store(uint64(t.serial)<<32 | uint64(s))
	return s
}

// lasting is for how many characters behind a lead a run must last at least to be of
// interest. Most do not.
const lasting = 4

// lasts reports whether a run from the lead at text[at:] ends in a match soon, or not
// soon at all, and where what it looked at ends.
func (m *machine) lasts(l *lead, text string, at int) (ok bool, reach int) {
	t := m.known.Load()
	s, i := m.behind(t, l, text, at), at+l.size
	for range lasting {
		class, size := m.classes.at(text, i)
		s, i = m.next(t, s, class), i+max(size, 1)
		if s&matched != 0 || s == over {
			return s != over, i
		}
	}
	return true, i
}

// lead is what matches of one expression begin with, and the states behind it by what
// stands in front of it: the serial number of the states, and the state. Most runs end
// soon behind it.
type lead struct {
	size  int // of its whole characters, in bytes
	after [kinds]atomic.Uint64
}

// bytes is how many a match that begins so has at least.
func (l *lead) bytes() int {
	if l == nil {
		return 1
	}
	return l.size
}

// run goes on from s at text[i:] and returns the end of the match, -1 if there is none,
// and the end of what it looked at.
func (m *machine) run(t *states, s state, text string, i int) (end, reach int) {
	for end = -1; ; {
		class, size := m.classes.at(text, i)
		if s = m.next(t, s, class); s&matched != 0 {
			end = i
		}
		if i += size; s&^matched == over {
			return end, i + 1 - min(size, 1)
		}
	}
}

// pass returns the state behind the text, in which no match ends.
func (m *machine) pass(t *states, text string, s state) state {
	for i := 0; i < len(text); {
		class, size := m.classes.at(text, i)
		s, i = m.next(t, s, class), i+size
	}
	return s
}

func (m *machine) next(t *states, s state, class uint16) state {
	if n := t.next(s, class); n != unknown {
		return n
	}
	return m.step(t, s, class)
}

// kindBefore tells what stands before text[at:].
func kindBefore(text string, at int) byte {
	if at == 0 {
		return noCharacter
	}
	if b := text[at-1]; b < utf8.RuneSelf {
		return kindOf(rune(b))
	}
	return otherCharacter
}

func (m *machine) start(t *states, kind byte) state {
	if s := state(t.starts[kind].Load()); s != unknown {
		return s
	}
	m.making.Lock()
	defer m.making.Unlock()
	s := t.of([]uint32{uint32(m.prog.Start)}, kind)
	t.starts[kind].Store(uint32(s))
	return s
}

// step makes the state that a character of the class leads to, and lets the texts to
// come begin anew if there are too many.
func (m *machine) step(t *states, s state, class uint16) state {
	m.making.Lock()
	defer m.making.Unlock()
	from, r := t.ways[s/2], m.classes.samples[class]
	threads, ends := m.walk.step(from.threads, sampleOf[from.before], r)
	n := t.of(threads, kindOf(r))
	if ends {
		n |= matched
	}
	t.put(s, class, n)
	if len(t.made) >= maxStates && m.known.Load() == t {
		m.known.Store(newStates(len(m.classes.samples), t.serial+1))
	}
	return n
}
