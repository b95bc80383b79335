package pattern

import (
	"regexp/syntax"
	"slices"
)

// walk follows all ways through a program at once, as regexp does, one character
// at a time: the slow step that a machine takes once for each of its states.
type walk struct {
	prog  *syntax.Prog
	seen  []uint32 // by instruction: the round in which it was last passed
	taken []uint32 // by instruction: the round in which it was last gone on to
	round uint32
	ready []uint32 // the instructions that wait for a character, the preferred first
}

func newWalk(prog *syntax.Prog) walk {
	return walk{prog: prog, seen: make([]uint32, len(prog.Inst)), taken: make([]uint32, len(prog.Inst))}
}

// step takes the ways over one character. matched says that one of them had
// reached its end before: those that were less preferred are dropped.
func (w *walk) step(threads []uint32, before, r rune) (next []uint32, matched bool) {
	w.round++
	w.ready = w.ready[:0]
	flags := syntax.EmptyOpContext(before, r)
	for _, pc := range threads {
		if matched = w.follow(pc, flags); matched {
			break
		}
	}
	if r < 0 {
		return nil, matched
	}
	for _, pc := range w.ready {
		in := &w.prog.Inst[pc]
		if w.taken[in.Out] != w.round && in.MatchRune(r) {
			w.taken[in.Out] = w.round
			next = append(next, in.Out)
		}
	}
	return slices.Clip(next), matched
}

// follow goes on from pc as far as it can without a character, and reports
// whether it reached the end of the expression.
func (w *walk) follow(pc uint32, flags syntax.EmptyOp) bool {
	for w.seen[pc] != w.round {
		w.seen[pc] = w.round
		in := &w.prog.Inst[pc]
		switch in.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstFail:
			return false
		case syntax.InstAlt, syntax.InstAltMatch:
			if w.follow(in.Out, flags) {
				return true
			}
			pc = in.Arg
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^flags != 0 {
				return false
			}
			pc = in.Out
		case syntax.InstCapture, syntax.InstNop:
			pc = in.Out
		default: // takes a character
			w.ready = append(w.ready, pc)
			return false
		}
	}
	return false
}
