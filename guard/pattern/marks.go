package pattern

import "strings"

// marks is a run of characters that are no part of words, with the spaces and the
// tags among them.
type marks struct {
	start, end int
	seen       uint8 // the kinds that are in it
}

// The kinds of what a run holds, as bits.
const (
	aSpace uint8 = 1 << iota
	aTag
	breaking // a tag that parts words
	emphasis
	ordinary // what prose has between words, one such run here and there
	other
)

// kindOfByte is 0 of what words are made of.
var kindOfByte = func() (kinds [256]uint8) {
	for c := range 0x80 {
		if !isWordByte(byte(c)) {
			kinds[c] = other
		}
	}
	for set, kind := range map[string]uint8{" ": aSpace, "*`~_": emphasis, ".!?,;:\"'()-": ordinary} {
		for i := range len(set) {
			kinds[set[i]] = kind
		}
	}
	kinds[0xC2], kinds[0xE2], kinds[0xF0] = other, other, other // what symbols begin with
	return kinds
}()

func isWordByte(c byte) bool { return c-'a' < 26 || c-'0' < 10 || c >= 0x80 }

// nextMark returns where a mark stands, from i on, or the end of the text.
func nextMark(text string, i int) int {
	for ; i < len(text); i++ {
		if kind := kindOfByte[text[i]]; kind > aSpace && (text[i] < 0x80 || symbol(text[i:]) > 0) {
			break
		}
	}
	return i
}

// symbol returns the bytes of the sign outside ASCII that text begins with, which is
// no letter: Latin-1's, U+2000 to U+2BFF, and pictures from U+1F000 on.
func symbol(text string) int {
	if len(text) < 2 {
		return 0
	}
	switch c := text[1]; text[0] {
	case 0xC2:
		return 2
	case 0xE2:
		if c < 0xB0 {
			return 3
		}
	case 0xF0:
		if c == 0x9F {
			return 4
		}
	}
	return 0
}

// marksAt returns the run in which the mark at i is the first.
func marksAt(text string, i int) marks {
	m := marks{start: i}
	m.start -= numberBefore(text, i)
	if m.start > 0 && text[m.start-1] == ' ' {
		m.start--
		m.seen = aSpace
	}
	for m.end = i; m.end < len(text); {
		size, kind := markAt(text, m.end)
		if size == 0 {
			break
		}
		m.end += size
		m.seen |= kind
	}
	return m
}

// markAt returns the bytes and the kind of the mark, the tag, the space or the number
// of a list at i; they are 0 if a word stands there.
func markAt(text string, i int) (size int, kind uint8) {
	switch c := text[i]; {
	case c == '<' || c == '/':
		if size, kind = tagAt(text[i:min(len(text), i+longestTag)]); size > 0 {
			return size, kind
		}
	case c >= 0x80:
		return symbol(text[i:]), other
	case isDigit(c):
		n := 1
		if i+1 < len(text) && isDigit(text[i+1]) {
			n = 2
		}
		if numberBefore(text, i+n) == n {
			return n + 1, other
		}
		return 0, 0
	}
	if kind = kindOfByte[text[i]]; kind == 0 {
		return 0, 0
	}
	return 1, kind
}

// numberBefore returns the digits before i of the number of a list: "2. " or "2) ".
func numberBefore(text string, i int) int {
	if i+1 >= len(text) || text[i] != '.' && text[i] != ')' || text[i+1] != ' ' {
		return 0
	}
	for n := 1; n <= 2 && i-n > 0 && isDigit(text[i-n]); n++ {
		if text[i-n-1] == ' ' {
			return n
		}
	}
	return 0
}

// longestTag is the most that is taken for a tag or a comment, in bytes.
const longestTag = 128

// tagAt returns the bytes of the tag of HTML or the comment that text begins with.
func tagAt(text string) (size int, kind uint8) {
	for _, c := range [...]struct{ begin, end string }{{"<!--", "-->"}, {"/*", "*/"}} {
		if rest, ok := strings.CutPrefix(text, c.begin); ok {
			if end := strings.Index(rest, c.end); end >= 0 && !strings.Contains(rest[:end], c.begin) {
				return len(c.begin) + end + len(c.end), aTag
			}
			return 0, 0
		}
	}
	end := strings.IndexAny(text[1:], "<>") + 1
	if text[0] != '<' || end < 2 || text[end] == '<' || text[1] != '/' && text[1] != '!' && text[1]-'a' >= 26 {
		return 0, 0
	}
	name := strings.TrimPrefix(text[1:end], "/")
	if i := strings.IndexAny(name, " /"); i >= 0 {
		name = name[:i]
	}
	if partingTags[name] {
		return end + 1, aTag | breaking
	}
	return end + 1, aTag
}

// partingTags begin a line or a cell.
var partingTags = func() map[string]bool {
	names := make(map[string]bool)
	for n := range strings.FieldsSeq("br p div li ul ol dl dt dd tr td th table tbody thead h1 h2 h3 h4 h5 h6 hr pre section article header footer blockquote") {
		names[n] = true
	}
	return names
}()

// meaning returns what a reader takes the run for, and what that is worth: 0 if it is
// to stay as it is.
func (m marks) meaning(text string) (out string, worth uint32) {
	run := text[m.start:m.end]
	decorates := m.seen&^(aTag|breaking|emphasis) == 0 && run != "_" // a name in a program has one
	switch {
	case m.start == 0 || m.end == len(text):
		if m.seen == emphasis {
			return "", ofMarks
		}
	case joins(run):
		if run[0] == ' ' || run[len(run)-1] == ' ' {
			return " ", ofMarks
		}
		return "", ofMarks
	case opensQuotation(run):
		return "", 0
	case m.seen == aSpace|ordinary && !partsClauses(run):
		return " ", ofProse
	case m.seen&(aSpace|breaking) != 0:
		return " ", ofMarks
	case decorates:
		return "", ofMarks
	}
	return "", 0
}

// partsClauses reports whether a run may part clauses, where rules seldom go on.
func partsClauses(run string) bool {
	run = strings.TrimLeft(run, " ")
	return run == ", " || run == "; " || run == "- " || run == "-- "
}

// opensQuotation reports whether what follows the run is what somebody is to say:
// words before it say who and how, and are no part of it.
func opensQuotation(run string) bool {
	return len(run) == 3 && (run[0] == ',' || run[0] == ':') && run[1] == ' ' && (run[2] == '"' || run[2] == '\'')
}

// joins reports whether a run ends one quoted string and begins another that is
// joined to it. Spaces at its edges belong to what is quoted.
func joins(run string) bool {
	run = strings.Trim(run, " ")
	if len(run) < 3 || run[0] != '"' && run[0] != '\'' && run[0] != '`' || run[len(run)-1] != run[0] {
		return false
	}
	switch strings.Trim(run[1:len(run)-1], " ") {
	case "+", ".", "&", "..", "<>", "||":
		return true
	}
	return false
}
