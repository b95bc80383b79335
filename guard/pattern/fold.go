package pattern

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

// foldTree folds the characters that a pattern names as texts are folded, so
// that a rule may be written in any script and still match. The two cases of a
// letter can fold differently (Greek ν is a v, Ν an n): then the pattern takes
// both.
func foldTree(re *syntax.Regexp) error {
	switch re.Op {
	case syntax.OpLiteral:
		return foldLiteral(re)
	case syntax.OpCharClass:
		return foldClass(re)
	}
	for _, sub := range re.Sub {
		if err := foldTree(sub); err != nil {
			return err
		}
	}
	return nil
}

func foldLiteral(re *syntax.Regexp) error {
	if re.Flags&syntax.FoldCase != 0 {
		return errors.New("the folded text is in lower case: leave (?i) out")
	}
	literal := string(re.Rune)
	if isFolded(literal) {
		re.Flags = 0
		return nil
	}
	small, capital := guard.Fold(literal), guard.Fold(strings.ToUpper(literal))
	if small == "" {
		return fmt.Errorf("nothing of %+q is left in the folded text", literal)
	}
	*re = syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune(small)}
	if small != capital {
		other := &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune(capital)}
		*re = syntax.Regexp{Op: syntax.OpAlternate, Sub: []*syntax.Regexp{{Op: syntax.OpLiteral, Rune: []rune(small)}, other}}
	}
	return nil
}

// isFolded reports whether a literal is sure to be folded already, in either case: words
// of small letters and digits with single spaces between, as most are.
func isFolded(literal string) bool {
	space := true
	for i := range len(literal) {
		c := literal[i]
		if !isLetter(c) && !isDigit(c) && (c != ' ' || space) {
			return false
		}
		space = c == ' '
	}
	return !space
}

// listed is the longest range of a class that names its characters one by one.
// Longer ones, such as those of a class that excludes a few characters, stay.
const listed = 64

// foldClass folds the characters outside ASCII that a class lists.
func foldClass(re *syntax.Regexp) error {
	var pairs [][2]rune
	for i := 0; i < len(re.Rune); i += 2 {
		lo, hi := re.Rune[i], re.Rune[i+1]
		if lo < utf8.RuneSelf || hi-lo >= listed {
			pairs = append(pairs, [2]rune{lo, hi})
			continue
		}
		for r := lo; r <= hi; r++ {
			for _, c := range []rune{r, unicode.ToUpper(r)} {
				folded := []rune(guard.Fold(string(c)))
				if len(folded) != 1 {
					return fmt.Errorf("the folded text has %+q for %+q: take it out of the class", string(folded), r)
				}
				pairs = append(pairs, [2]rune{folded[0], folded[0]})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b [2]rune) int { return slices.Compare(a[:], b[:]) })
	re.Rune = re.Rune[:0]
	for _, p := range slices.Compact(pairs) {
		re.Rune = append(re.Rune, p[0], p[1])
	}
	return nil
}
