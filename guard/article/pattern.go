package article

import (
	"regexp"
	"strings"
)

// pattern is one of the article's ten.
type pattern struct {
	rule string
	re   *regexp.Regexp // reads a folded text
}

// patterns are in the article's order, in which sanitising applies them.
var patterns = []pattern{
	compile("ignore-previous-instructions", `ignore\s+previous\s+instructions`),
	compile("forget-everything-above", `forget\s+everything\s+above`),
	compile("new-instructions", `new\s+instructions?:`),
	compile("system-you-are-now", `system\s*:\s*you\s+are\s+now`),
	compile("act-as-if-you-are", `act\s+as\s+if\s+you\s+are`),
	compile("pretend-to-be", `pretend\s+to\s+be`),
	compile("roleplay-as", `roleplay\s+as`),
	compile("end-instructions", `//\s*end\s+instructions`),
	compile("endoftext", `<\s*\|\s*endoftext\s*\|\s*>`),
	compile("inst-tag", `\[/?inst\]`),
}

// compile makes a pattern of the article's expression in lower case. Go's \s lacks
// the vertical tab and the separators U+001C to U+001F; what white space there is
// beyond ASCII, fold has made spaces.
func compile(name, expr string) pattern {
	return pattern{"article." + name, regexp.MustCompile(strings.ReplaceAll(expr, `\s`, `[\t-\r\x1c-\x20]`))}
}

// The heuristics: plain substrings, of which at least two different ones must
// occur.
var (
	structure = []string{"step 1:", "first,", "then,", "next,", "finally,", "1.", "2.", "3.", "instruction:", "command:"}
	keywords  = []string{"system", "admin", "root", "sudo", "execute", "run", "override", "bypass", "disable", "enable", "configure"}
)

// twoOf reports whether at least two of words occur in text.
func twoOf(text string, words []string) bool {
	found := 0
	for _, w := range words {
		if strings.Contains(text, w) {
			if found++; found == 2 {
				return true
			}
		}
	}
	return false
}
