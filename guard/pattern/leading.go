package pattern

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxLiterals is in how many ways the matches of a pattern may begin. IBANs
	// begin in 89.
	maxLiterals = 128
	// enough is the length from which longer literals would not be much rarer, and
	// at which they are cut.
	enough = 8
	// Literals of rare bytes go no further where that would make more than few of
	// them: the machine settles at once what they leave open.
	rare, few = 4, 32
)

// leadingLiterals returns literals of which every match of re begins with one,
// or nil if there are no such or too many. A literal may end within a character.
func leadingLiterals(re *syntax.Regexp) []string {
	literals := leading(re)
	if !useful(literals) {
		return nil
	}
	return cut(literals, enough)
}

// leading may list the empty literal where a match may be empty, and nil where
// it may begin with anything.
func leading(re *syntax.Regexp) []string {
	if all := exact(re); all != nil {
		return all
	}
	switch re.Op {
	case syntax.OpLiteral:
		return leadingOfSequence(characters(re))
	case syntax.OpCharClass:
		return firstBytes(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return leading(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return leading(re.Sub[0])
		}
		return orNothing(leading(re.Sub[0]))
	case syntax.OpStar, syntax.OpQuest:
		return orNothing(leading(re.Sub[0]))
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			if all = join(all, leading(sub)); all == nil {
				return nil
			}
		}
		return all
	case syntax.OpConcat:
		return leadingOfSequence(re.Sub)
	}
	return nil
}

// leadingOfSequence goes on where the matches of a part can be listed, or be
// empty, until what it has is long enough.
func leadingOfSequence(parts []*syntax.Regexp) []string {
	if len(parts) == 0 {
		return []string{""}
	}
	head := exact(parts[0])
	listed := head != nil
	if !listed {
		head = leading(parts[0])
	}
	if head == nil || listed && shortest(head) >= enough || !listed && shortest(head) > 0 {
		return head
	}
	tail := leadingOfSequence(parts[1:])
	most := few
	if shortest(head) < rare {
		most = maxLiterals
	}
	for n := enough; listed && n > 0; n /= 2 {
		if all := product(head, cut(tail, n), most); all != nil {
			return all
		}
	}
	if shortest(head) > 0 {
		return head
	}
	if tail == nil {
		return nil
	}
	return join(slices.DeleteFunc(slices.Clone(head), func(l string) bool { return l == "" }), tail)
}

// join returns the literals of both sets, shorter ones where they are too many.
// It is nil if b is, or if they are too many as single bytes.
func join(a, b []string) []string {
	if b == nil {
		return nil
	}
	all := append(slices.Clip(a), b...)
	for n := enough; n > 0 && len(all) > maxLiterals; n /= 2 {
		all = cut(all, n)
	}
	if len(all) > maxLiterals {
		return nil
	}
	return all
}

// cut shortens literals to n bytes and drops those that begin with another.
func cut(set []string, n int) []string {
	short := make([]string, len(set))
	for i, l := range set {
		short[i] = l[:min(len(l), n)]
	}
	slices.Sort(short) // what begins with another stands behind it, and behind what begins so too
	var kept []string
	for _, l := range short {
		if len(kept) == 0 || !strings.HasPrefix(l, kept[len(kept)-1]) {
			kept = append(kept, l)
		}
	}
	return kept
}

// exact lists the matches of re and perhaps more, since it leaves assertions out,
// or returns nil if they are too many.
func exact(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
		all := []string{""}
		for _, r := range re.Rune {
			all = product(all, casesOf(r, re.Flags), few)
		}
		return all
	case syntax.OpCharClass:
		return exactClass(re.Rune)
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpQuest:
		return orNothing(exact(re.Sub[0]))
	case syntax.OpConcat:
		all := []string{""}
		for _, sub := range re.Sub {
			if all = product(all, exact(sub), maxLiterals); all == nil {
				return nil
			}
		}
		return all
	case syntax.OpAlternate:
		return union(re.Sub, exact)
	}
	return nil
}

// casesOf lists the characters that a literal one stands for.
func casesOf(r rune, flags syntax.Flags) []string {
	all := []string{string(r)}
	if flags&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			all = append(all, string(f))
		}
	}
	return all
}

// characters takes a literal apart.
func characters(re *syntax.Regexp) []*syntax.Regexp {
	var all []*syntax.Regexp
	for i := range re.Rune {
		all = append(all, &syntax.Regexp{Op: syntax.OpLiteral, Flags: re.Flags, Rune: re.Rune[i : i+1]})
	}
	return all
}

// exactClass lists a class of few characters.
func exactClass(ranges []rune) []string {
	var all []string
	for i := 0; i+1 < len(ranges); i += 2 {
		if int(ranges[i+1]-ranges[i])+len(all) >= few {
			return nil
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			all = append(all, string(r))
		}
	}
	return all
}

// firstBytes lists the ASCII characters of a class, and the others without their
// last byte: 64 of them have it in common.
func firstBytes(ranges []rune) []string {
	const last = 0x3f
	var all []string
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if l := string(r); r < utf8.RuneSelf {
				all = append(all, l)
			} else {
				all = append(all, l[:len(l)-1])
				r |= last
			}
			if len(all) > maxLiterals {
				return nil
			}
		}
	}
	return all
}

func union(alternatives []*syntax.Regexp, list func(*syntax.Regexp) []string) []string {
	var all []string
	for _, sub := range alternatives {
		one := list(sub)
		if one == nil || len(all)+len(one) > maxLiterals {
			return nil
		}
		all = append(all, one...)
	}
	return all
}

// product returns every left before every right, nil if they are too many or
// one side is nil.
func product(left, right []string, most int) []string {
	n := len(left) * len(right)
	if n == 0 || n > most {
		return nil
	}
	all := make([]string, 0, n)
	for _, l := range left {
		for _, r := range right {
			all = append(all, l+r)
		}
	}
	return all
}

func orNothing(set []string) []string {
	if set == nil || len(set) == maxLiterals {
		return nil
	}
	return append([]string{""}, set...)
}

func useful(set []string) bool { return len(set) > 0 && shortest(set) > 0 }

func shortest(set []string) int {
	n := len(set[0])
	for _, l := range set[1:] {
		n = min(n, len(l))
	}
	return n
}
