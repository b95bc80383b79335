package pattern

import (
	"encoding/binary"
	"slices"
	"sync/atomic"
)

// maxStates is how many states a machine keeps before it begins anew. Honest
// texts make some dozens; one that makes many pays for each like regexp does.
const maxStates = 1000

// state is where a run stands between two characters: twice the number of its row, and
// matched, where a match ends before the character in front.
type state uint32

const (
	unknown state = 0 // not made yet
	matched state = 1
	over    state = 2 // there is no way on
)

// states are those of a machine, in one table: texts that differ visit different ones,
// so each is to take little of the caches. Anybody may read it, at any time; who adds to
// it holds the machine's lock.
type states struct {
	serial  uint32 // other tables of the machine have another one
	classes uint
	// rows has the next state by state and class, two in each word, as far as they
	// were made when it was asked for.
	rows   atomic.Pointer[[]atomic.Uint32]
	starts [kinds]atomic.Uint32 // by what stands in front

	made map[string]state
	ways []ways // by row
}

// widest is the last state that a table has a place for. Runs that go on in a table
// which was given up may make more of them, and pay for each step that they take there.
const widest = 1<<16 - 1

// ways is what a state is made of.
type ways struct {
	threads []uint32 // the preferred first
	before  byte     // the kind of the character in front
}

func newStates(classes int, serial uint32) *states {
	t := &states{serial: serial, classes: uint(classes), made: make(map[string]state), ways: make([]ways, over/2+1)}
	t.grow(8)
	for class := range uint16(classes) {
		t.put(over, class, over)
	}
	return t
}

// next returns the state that a character of the class leads to, unknown if it was not
// made.
func (t *states) next(s state, class uint16) state {
	at, rows := uint(s/2)*t.classes+uint(class), *t.rows.Load()
	if at/2 >= uint(len(rows)) {
		return unknown
	}
	return state(rows[at/2].Load() >> (at % 2 * 16) & widest)
}

// put notes where a character of the class leads to.
func (t *states) put(s state, class uint16, next state) {
	at, rows := uint(s/2)*t.classes+uint(class), *t.rows.Load()
	if at/2 < uint(len(rows)) && next <= widest {
		word := &rows[at/2]
		word.Store(word.Load()&^(widest<<(at%2*16)) | uint32(next)<<(at%2*16))
	}
}

// of returns the one state of its kind.
func (t *states) of(threads []uint32, before byte) state {
	if len(threads) == 0 {
		return over
	}
	key := []byte{before}
	for _, pc := range threads {
		key = binary.AppendUvarint(key, uint64(pc))
	}
	if s, ok := t.made[string(key)]; ok {
		return s
	}
	s := state(2 * len(t.ways))
	t.ways = append(t.ways, ways{slices.Clip(threads), before})
	t.made[string(key)] = s
	if n := uint(len(t.ways)); s <= widest && n*t.classes > uint(2*len(*t.rows.Load())) {
		t.grow(2 * n)
	}
	return s
}

// grow makes room for n states. Those who read the table as it was go on with it.
func (t *states) grow(n uint) {
	rows := make([]atomic.Uint32, (n*t.classes+1)/2)
	if old := t.rows.Load(); old != nil {
		for i := range *old {
			rows[i].Store((*old)[i].Load())
		}
	}
	t.rows.Store(&rows)
}
