package pattern

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"
)

// maxLiterals bounds what one part of a pattern is spelt out to; a set joined
// from several parts may have twice as many. IBANs begin in 89 ways.
const maxLiterals = 48

// required returns sets of literals: every match of re holds at least one of
// each set.
func required(re *syntax.Regexp) [][]string {
	if all := exact(re); useful(all) {
		return [][]string{withoutLonger(all)}
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpAlternate:
		return requiredOfEach(re.Sub)
	case syntax.OpConcat:
		return requiredOfSequence(re.Sub)
	}
	return nil
}

// requiredOfEach joins the best sets of alternatives; all of them must have one.
func requiredOfEach(alternatives []*syntax.Regexp) [][]string {
	var union []string
	for _, sub := range alternatives {
		sets := required(sub)
		if len(sets) == 0 {
			return nil
		}
		union = append(union, slices.MinFunc(sets, byRarity)...)
	}
	if union = withoutLonger(union); len(union) > 2*maxLiterals {
		return nil
	}
	return [][]string{union}
}

// requiredOfSequence collects the sets of all parts, the rarest first. Parts side
// by side whose matches can be listed are taken together.
func requiredOfSequence(parts []*syntax.Regexp) [][]string {
	var sets [][]string
	joined := []string{""}
	flush := func() {
		if useful(joined) {
			sets = append(sets, withoutLonger(joined))
		}
		joined = []string{""}
	}
	for _, part := range parts {
		if next := product(joined, exact(part)); next != nil {
			joined = next
			continue
		}
		flush()
		if joined = product(joined, exact(part)); joined == nil {
			joined = []string{""}
			sets = append(sets, required(part)...)
		}
	}
	flush()
	slices.SortStableFunc(sets, byRarity)
	return sets
}

// exact lists all matches of re, or returns nil if they are too many or their
// surroundings matter.
func exact(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpWordBoundary:
		return []string{""} // what stands around a match takes none away from it
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
	case syntax.OpCharClass:
		return exactClass(re.Rune)
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpQuest:
		if one := exact(re.Sub[0]); one != nil && len(one) < maxLiterals {
			return append([]string{""}, one...)
		}
	case syntax.OpConcat:
		all := []string{""}
		for _, sub := range re.Sub {
			all = product(all, exact(sub))
		}
		return all
	case syntax.OpAlternate:
		return exactOfEach(re.Sub)
	}
	return nil
}

func exactClass(ranges []rune) []string {
	var all []string
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] > 4 || len(all) > 8 {
			return nil
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			all = append(all, string(r))
		}
	}
	return all
}

func exactOfEach(alternatives []*syntax.Regexp) []string {
	var union []string
	for _, sub := range alternatives {
		one := exact(sub)
		if one == nil || len(union)+len(one) > maxLiterals {
			return nil
		}
		union = append(union, one...)
	}
	return union
}

// product returns every left before every right, nil if they are too many or
// one side is nil.
func product(left, right []string) []string {
	if right == nil || len(left)*len(right) > 2*maxLiterals {
		return nil
	}
	var all []string
	for _, l := range left {
		for _, r := range right {
			all = append(all, l+r)
		}
	}
	return all
}

// byRarity orders sets by their shortest literal, the longest first, and small
// sets before big ones: long literals are rare, and each costs a search.
func byRarity(a, b []string) int {
	return cmp.Or(shortest(b)-shortest(a), len(a)-len(b))
}

// withoutLonger drops literals that hold another of the set.
func withoutLonger(set []string) []string {
	var kept []string
	slices.SortStableFunc(set, func(a, b string) int { return len(a) - len(b) })
	for _, l := range set {
		if !slices.ContainsFunc(kept, func(k string) bool { return strings.Contains(l, k) }) {
			kept = append(kept, l)
		}
	}
	return kept
}

func useful(set []string) bool { return len(set) > 0 && shortest(set) > 0 }

func shortest(set []string) int {
	n := len(set[0])
	for _, l := range set[1:] {
		n = min(n, len(l))
	}
	return n
}
