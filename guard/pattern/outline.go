package pattern

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// outline says which bytes may stand where in a match, as far as every match
// reaches and is ASCII. Most places at which a literal begins are told by it from
// those of a match, without a step of a machine.
type outline struct {
	sets []charset // by byte of the match
	wide bool      // the last one may be a byte of a character outside ASCII too
}

// outlined is how many bytes of a match are told at most. What remains then is nearly
// all decided by what stands in which order, which is the machine's.
const outlined = 24

// charset is a set of ASCII characters.
type charset [2]uint64

func (s *charset) add(c rune) { s[c>>6] |= 1 << (c & 63) }

func (s *charset) has(c byte) bool { return s[c>>6&1]>>(c&63)&1 != 0 }

// newOutline follows all ways through a program at once, as if every assertion held.
func newOutline(prog *syntax.Prog) (o outline) {
	w := newWalk(prog)
	holds := func(pc uint32) bool { return w.follow(pc, ^syntax.EmptyOp(0)) }
	for at := []uint32{uint32(prog.Start)}; len(o.sets) < outlined; {
		w.round, w.ready = w.round+1, w.ready[:0]
		if slices.ContainsFunc(at, holds) {
			return o
		}
		var set charset
		at = nil
		for _, pc := range w.ready {
			in := &prog.Inst[pc]
			o.wide = set.take(in) || o.wide
			at = append(at, in.Out)
		}
		o.sets = append(o.sets, set)
		if o.wide {
			return o
		}
	}
	return o
}

// fits reports whether the text may go on from byte k of a match on that begins at i
// as matches do, and where what it looked at ends.
func (o *outline) fits(text string, i, k int) (ok bool, reach int) {
	for ; k < len(o.sets); k++ {
		if i+k >= len(text) {
			return false, i + k + 1
		}
		switch c := text[i+k]; {
		case c >= utf8.RuneSelf:
			return o.wide && k == len(o.sets)-1, i + k + 1
		case !o.sets[k].has(c):
			return false, i + k + 1
		}
	}
	return true, i + k
}

// may reports whether b may be byte k of a match.
func (o *outline) may(k int, b byte) bool {
	if k >= len(o.sets) {
		return true
	}
	if b >= utf8.RuneSelf {
		return o.wide && k == len(o.sets)-1
	}
	return o.sets[k].has(b)
}

// take adds the characters that an instruction takes, and reports whether it takes
// any outside ASCII.
func (s *charset) take(in *syntax.Inst) (wide bool) {
	if in.Op == syntax.InstRuneAny || in.Op == syntax.InstRuneAnyNotNL {
		*s = charset{^uint64(0), ^uint64(0)}
		return true
	}
	if len(in.Rune) == 1 {
		r := in.Rune[0]
		wide = s.takeRange(r, r)
		if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				wide = s.takeRange(f, f) || wide
			}
		}
		return wide
	}
	for i := 0; i+1 < len(in.Rune); i += 2 {
		wide = s.takeRange(in.Rune[i], in.Rune[i+1]) || wide
	}
	return wide
}

func (s *charset) takeRange(lo, hi rune) (wide bool) {
	for r := lo; r <= min(hi, utf8.RuneSelf-1); r++ {
		s.add(r)
	}
	return hi >= utf8.RuneSelf
}
