package pattern

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// enough is the length from which longer literals would not be much rarer.
const enough = 8

// leadingLiterals returns literals of which every match of re begins with one,
// or nil if there are no such or what stands before a match matters. atWord says
// that a match begins where a word does; that alone the caller must check, for
// the rest of the expression sees nothing before the match.
func leadingLiterals(re *syntax.Regexp) (literals []string, atWord bool) {
	if re.Op == syntax.OpConcat && re.Sub[0].Op == syntax.OpWordBoundary {
		atWord = true
		re = &syntax.Regexp{Op: syntax.OpConcat, Sub: re.Sub[1:]}
	}
	if asserts, _ := assertsFirst(re); asserts {
		return nil, false
	}
	literals = withoutContinuations(leading(re))
	notWord := func(l string) bool { return !syntax.IsWordChar(rune(l[0])) }
	if !useful(literals) || atWord && slices.ContainsFunc(literals, notWord) {
		return nil, false
	}
	return literals, atWord
}

func leading(re *syntax.Regexp) []string {
	if all := exact(re); useful(all) {
		return all
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return leading(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return leading(re.Sub[0])
		}
	case syntax.OpAlternate:
		return leadingOfEach(re.Sub)
	case syntax.OpConcat:
		return leadingOfSequence(re.Sub)
	}
	return nil
}

func leadingOfEach(alternatives []*syntax.Regexp) []string {
	var union []string
	for _, sub := range alternatives {
		one := leading(sub)
		if !useful(one) || len(union)+len(one) > 2*maxLiterals {
			return nil
		}
		union = append(union, one...)
	}
	return union
}

func leadingOfSequence(parts []*syntax.Regexp) []string {
	all := []string{""}
	for _, part := range parts {
		if useful(all) && shortest(all) >= enough {
			break
		}
		next := product(all, exact(part))
		if next == nil {
			if last := product(all, leading(part)); last != nil {
				return last
			}
			break
		}
		all = next
	}
	return all
}

// withoutContinuations drops literals that begin with another of the set.
func withoutContinuations(set []string) []string {
	var kept []string
	slices.SortFunc(set, func(a, b string) int { return len(a) - len(b) })
	for _, l := range set {
		if !slices.ContainsFunc(kept, func(k string) bool { return strings.HasPrefix(l, k) }) {
			kept = append(kept, l)
		}
	}
	return kept
}

// assertsFirst reports whether re may look at its surroundings before it has
// matched a character, and whether it may match none.
func assertsFirst(re *syntax.Regexp) (asserts, empty bool) {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true, true
	case syntax.OpEmptyMatch:
		return false, true
	case syntax.OpStar, syntax.OpQuest:
		asserts, _ = assertsFirst(re.Sub[0])
		return asserts, true
	case syntax.OpRepeat:
		asserts, empty = assertsFirst(re.Sub[0])
		return asserts, empty || re.Min == 0
	case syntax.OpCapture, syntax.OpPlus:
		return assertsFirst(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if asserts, empty = assertsFirst(sub); asserts || !empty {
				return asserts, false
			}
		}
		return false, true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			a, e := assertsFirst(sub)
			asserts, empty = asserts || a, empty || e
		}
	}
	return asserts, empty
}
