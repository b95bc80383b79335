package pattern

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// MaxMatch is the longest match of a pattern, in bytes of its view. A text that
// grows can be cleared only as far as no match may still reach back. Validators
// may make a finding longer than its match.
const MaxMatch = 512

// matcher is a rule ready to be used.
type matcher struct {
	rule  Rule
	re    *regexp.Regexp
	group int // the group that is the finding; 0: the whole match
	needs needs
	judge judge // nil: every match counts
}

func compile(r Rule) (*matcher, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(r.Pattern, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	if r.View == Folded {
		if err := foldTree(tree); err != nil {
			return nil, fmt.Errorf("pattern: %w", err)
		}
	}
	if n := maxBytes(tree); n == 0 || n > MaxMatch {
		return nil, fmt.Errorf("pattern: its longest match has %s, allowed are 1 to %d bytes", bytesOrMore(n), MaxMatch)
	}
	re, err := regexp.Compile(tree.String())
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	if re.MatchString("") || re.NumSubexp() > 1 {
		return nil, errors.New("pattern: it must not match the empty text, and may have one group at most: write (?:...)")
	}
	m := &matcher{rule: r, re: re, group: re.NumSubexp(), needs: needsOf(tree)}
	if r.Validate == "" {
		return m, nil
	}
	if m.judge = validators[r.Validate]; m.judge == nil {
		return nil, fmt.Errorf("validate: %q is none of %s", r.Validate, strings.Join(slices.Sorted(maps.Keys(validators)), ", "))
	}
	if !startsWord(tree) {
		return nil, errors.New(`pattern: to be validated, it must begin with \b or with a sign`)
	}
	return m, nil
}

// startsWord reports whether no match can begin inside a word, so that a search
// may be taken up again at the end of any word.
func startsWord(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpWordBoundary:
		return true
	case syntax.OpLiteral:
		return !syntax.IsWordChar(re.Rune[0])
	case syntax.OpConcat, syntax.OpCapture:
		return startsWord(re.Sub[0])
	}
	return false
}
