package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

type pair struct {
	from rune
	to   rune // lower-case ASCII
}

var (
	entry = regexp.MustCompile(`\('\\u\{([0-9a-f]+)\}',\s*&\[([^\]]*)\]\)`)
	char  = regexp.MustCompile(`\\u\{([0-9a-f]+)\}`)
)

// parse returns the prototype of each source character in the Rust table.
func parse(rust string) (map[rune]string, error) {
	_, rust, found := strings.Cut(rust, "mod confusable_detection")
	rust, _, ended := strings.Cut(rust, "mod potential_mixed_script_confusable")
	if !found || !ended {
		return nil, errors.New("tables.rs has no confusable_detection table")
	}
	prototypes := make(map[rune]string)
	for _, m := range entry.FindAllStringSubmatch(rust, -1) {
		var prototype []rune
		for _, c := range char.FindAllStringSubmatch(m[2], -1) {
			prototype = append(prototype, hexRune(c[1]))
		}
		prototypes[hexRune(m[1])] = string(prototype)
	}
	if len(prototypes) < 6000 {
		return nil, fmt.Errorf("read %d confusables, expected more than 6000", len(prototypes))
	}
	return prototypes, nil
}

func hexRune(s string) rune {
	n, err := strconv.ParseInt(s, 16, 32)
	if err != nil {
		panic(err) // the expressions above let only short hexadecimal numbers through
	}
	return rune(n)
}

// lookalikes returns what each character outside ASCII looks like, if that is
// one ASCII character. Unicode maps ASCII too (m to "rn", 1 and I to l), so that
// two strings can be compared; here ASCII stays what it is, and those classes
// are undone.
func lookalikes(prototypes map[rune]string) []pair {
	ascii := map[string]rune{"rn": 'm', "''": '"'}
	table := make(map[rune]rune)
	for from, prototype := range prototypes {
		to, whole := ascii[prototype]
		if !whole && len(prototype) == 1 {
			to, whole = rune(prototype[0]), true
		}
		if whole && reachable(from) {
			table[from] = unicode.ToLower(settle(from, to))
		}
	}
	closeCase(table)
	return sorted(table)
}

// reachable leaves out what folding never looks up: ASCII, marks, white space,
// and what NFKD rewrites before (mathematical and full-width letters).
func reachable(r rune) bool {
	return r >= utf8.RuneSelf && !unicode.IsMark(r) && !unicode.IsSpace(r) && norm.NFKD.IsNormalString(string(r))
}

// outlined are letters of Unicode 16 whose category Go's tables do not know yet.
var outlined = map[rune]rune{0x1ccde: 'I', 0x1ccf0: '0', 0x1ccf1: '1'}

// settle picks the member of the classes {l, I, 1, |} and {O, 0} that a
// character stands for: a capital for I, a digit for itself, a sign for the bar.
func settle(from, to rune) rune {
	switch known, ok := outlined[from]; {
	case ok:
		return known
	case to == 'l' && unicode.IsUpper(from):
		return 'I'
	case to == 'l' && unicode.IsNumber(from):
		return '1'
	case to == 'l' && (unicode.IsSymbol(from) || unicode.IsPunct(from)):
		return '|'
	case (to == 'O' || to == 'o') && unicode.IsNumber(from):
		return '0'
	}
	return to
}

// closeCase gives small letters the look of their capitals where they have none
// of their own. Otherwise a word of a Cyrillic or Greek rule would fold
// differently in capitals, and a rule would miss it there.
func closeCase(table map[rune]rune) {
	for _, p := range sorted(table) {
		small := unicode.ToLower(p.from)
		if _, taken := table[small]; !taken && small >= utf8.RuneSelf {
			table[small] = p.to
		}
	}
}

func sorted(table map[rune]rune) []pair {
	var pairs []pair
	for from, to := range table {
		pairs = append(pairs, pair{from, to})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return int(a.from - b.from) })
	return pairs
}
