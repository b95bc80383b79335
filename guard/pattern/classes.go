package pattern

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"sort"
	"unicode"
	"unicode/utf8"
)

// classes sorts characters by what an expression makes of them: those that all
// its instructions take alike are of one class, so a step needs one entry for
// each class and not one for each of a million characters.
type classes struct {
	ascii   [utf8.RuneSelf]uint8
	from    []rune   // where stretches of one class begin; the first is 0
	of      []uint16 // the class of each stretch
	samples []rune   // a character of each class; that of class 0 is none: the end
}

func newClasses(prog *syntax.Prog) classes {
	instructions := readers(prog)
	c := classes{from: borders(instructions), samples: []rune{-1}}
	known := make(map[string]uint16)
	for _, r := range c.from {
		key := string(signature(instructions, r))
		id, ok := known[key]
		if !ok {
			id = uint16(len(c.samples))
			known[key] = id
			c.samples = append(c.samples, r)
		}
		c.of = append(c.of, id)
	}
	for r := range rune(utf8.RuneSelf) {
		c.ascii[r] = uint8(c.lookUp(r)) // classes are counted from here on
	}
	return c
}

// at returns the class of the character at i, and its bytes; at the end of the
// text they are 0.
func (c *classes) at(text string, i int) (class uint16, size int) {
	if i >= len(text) {
		return 0, 0
	}
	if b := text[i]; b < utf8.RuneSelf {
		return uint16(c.ascii[b]), 1
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	return c.lookUp(r), size
}

func (c *classes) lookUp(r rune) uint16 {
	after := sort.Search(len(c.from), func(i int) bool { return c.from[i] > r })
	return c.of[after-1]
}

// readers returns the instructions of a program that take a character, those
// that take the same ones once.
func readers(prog *syntax.Prog) []*syntax.Inst {
	var all []*syntax.Inst
	for i := range prog.Inst {
		in := &prog.Inst[i]
		same := func(o *syntax.Inst) bool { return o.Op == in.Op && o.Arg == in.Arg && slices.Equal(o.Rune, in.Rune) }
		if reads(in.Op) && !slices.ContainsFunc(all, same) {
			all = append(all, in)
		}
	}
	return all
}

func reads(op syntax.InstOp) bool {
	return op == syntax.InstRune || op == syntax.InstRune1 || op == syntax.InstRuneAny || op == syntax.InstRuneAnyNotNL
}

// borders returns where characters may begin to be taken otherwise than the ones
// before: at the ends of ranges, at line ends, and where words begin and end.
func borders(instructions []*syntax.Inst) []rune {
	at := []rune{0, '\n', '\n' + 1, '0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1}
	for _, in := range instructions {
		if len(in.Rune) == 1 {
			r := in.Rune[0]
			at = append(at, r, r+1)
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				at = append(at, f, f+1)
			}
			continue
		}
		for i := 0; i+1 < len(in.Rune); i += 2 {
			at = append(at, in.Rune[i], in.Rune[i+1]+1)
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// signature tells characters apart that an instruction or an assertion does.
func signature(instructions []*syntax.Inst, r rune) []byte {
	key := []byte{kindOf(r)}
	for i, in := range instructions {
		if in.MatchRune(r) {
			key = binary.AppendUvarint(key, uint64(i))
		}
	}
	return key
}

// What assertions see of a character.
const (
	noCharacter = byte(iota)
	lineEnd
	wordCharacter
	otherCharacter

	kinds = iota
)

// sampleOf has a character of each kind.
var sampleOf = [kinds]rune{-1, '\n', 'a', ' '}

func kindOf(r rune) byte {
	switch {
	case r < 0:
		return noCharacter
	case r == '\n':
		return lineEnd
	case syntax.IsWordChar(r):
		return wordCharacter
	}
	return otherCharacter
}
