package pattern

import (
	"math"
	"regexp/syntax"
	"unicode/utf8"
)

// sequel is what may stand behind a literal in a match: which signs may be the first of
// them, the second and so on. It lies beside the literal, where most literals of prose
// are told from those of a match before anything of their expression is fetched.
type sequel [sequels]signs

const sequels = 3

// signs is a set of ASCII characters, in which those of a kind that prose seldom has are
// one.
type signs uint64

const anySign signs = math.MaxUint64

// signOf sorts ASCII characters into as many as a set has bits: letters of either case
// and digits, space, and what may stand in a row with none of them confused with these.
var signOf = func() (of [utf8.RuneSelf]uint8) {
	for c := range of {
		switch {
		case c >= 'a' && c <= 'z':
			of[c] = uint8(c - 'a')
		case c >= 'A' && c <= 'Z':
			of[c] = uint8(26 + (c-'A')/2)
		case c >= '0' && c <= '9':
			of[c] = uint8(39 + (c-'0')/2)
		case c == ' ':
			of[c] = 44
		default:
			of[c] = uint8(45 + c%19)
		}
	}
	return of
}()

// follows reports whether what stands at i may be the sequel, and where what it looked
// at ends.
func (q *sequel) follows(text string, i int) (ok bool, reach int) {
	for k, may := range q {
		if may == anySign {
			break
		}
		if i+k >= len(text) {
			return false, i + k + 1
		}
		c := text[i+k]
		if c >= utf8.RuneSelf {
			return true, i + k + 1
		}
		if may>>signOf[c]&1 == 0 {
			return false, i + k + 1
		}
	}
	return true, i
}

// sequelist tells the sequels of the literals of one program.
type sequelist struct {
	walk walk
	of   map[uint32]signs // by instruction
}

func newSequelist(prog *syntax.Prog) *sequelist {
	return &sequelist{newWalk(prog), make(map[uint32]signs)}
}

// behind follows all ways through the program as if every assertion held, those on which
// the literal stands and then all.
func (l *sequelist) behind(literal string) (q sequel) {
	q = sequel{anySign, anySign, anySign}
	at := []uint32{uint32(l.walk.prog.Start)}
	for _, r := range literal {
		if at = l.over(at, func(in *syntax.Inst) bool { return in.MatchRune(r) }); at == nil {
			return q
		}
	}
	for k := range q {
		next := l.over(at, func(*syntax.Inst) bool { return true })
		if next == nil {
			return q
		}
		q[k] = 0
		for _, pc := range l.walk.ready {
			q[k] |= l.taken(pc)
		}
		at = next
	}
	return q
}

// over returns where the ways lead over one character; nil if one of them has ended, or
// all of them.
func (l *sequelist) over(at []uint32, takes func(in *syntax.Inst) bool) (next []uint32) {
	w := &l.walk
	w.round, w.ready = w.round+1, w.ready[:0]
	for _, pc := range at {
		if w.follow(pc, ^syntax.EmptyOp(0)) {
			return nil
		}
	}
	for _, pc := range w.ready {
		if in := &w.prog.Inst[pc]; w.taken[in.Out] != w.round && takes(in) {
			w.taken[in.Out] = w.round
			next = append(next, in.Out)
		}
	}
	return next
}

// taken returns the signs that an instruction takes.
func (l *sequelist) taken(pc uint32) signs {
	all, ok := l.of[pc]
	if !ok {
		var set charset
		set.take(&l.walk.prog.Inst[pc])
		for c := range byte(utf8.RuneSelf) {
			if set.has(c) {
				all |= 1 << signOf[c]
			}
		}
		l.of[pc] = all
	}
	return all
}
