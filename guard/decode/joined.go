package decode

import (
	"bytes"
	"strings"
)

// joinedRun is the shortest run of letters and joints that is looked at. Words of
// prose are hardly ever as long.
const joinedRun = 20

// readJoined reads words that stand together, "ignore_all" or "IgnoreAll", and the
// text around them.
func (f *finder) readJoined() {
	text := f.views.Folded
	b := f.edits(Folded)
	for start, end := range runs(text, &jointed, joinedRun) {
		var s []byte
		for i := start; i < end; {
			if !isLetter[text[i]] {
				s = append(s, ' ')
				i = runEnd(text[:end], i, &joint)
				continue
			}
			to := runEnd(text[:end], i, &isLetter)
			s = appendWords(s, text[i:to])
			i = to
		}
		if end == len(text) {
			f.open(Joined, Folded, start)
		}
		if english(s) && !inCode(text, start, end) { // a path or a key is none
			b.edit(s, start, end)
		}
	}
	b.finish()
	f.add(&b, Joined, false)
}

// inCode reports whether the words that stand together at text[start:end] are a name
// in a program: declared, compared or given a value; or one of two or three words
// that is called, or has nothing between them. An order has more to say.
func inCode(text string, start, end int) bool {
	before, behind := text[max(0, start-declared):start], text[end:min(len(text), end+len(" := "))]
	for _, sign := range [...]string{" = ", " := ", " == ", " != ", " => "} {
		if strings.HasPrefix(behind, sign) || strings.HasSuffix(before, sign) {
			return true
		}
	}
	before = strings.TrimSuffix(before, " ")
	if declarations[before[strings.LastIndexByte(before, ' ')+1:]] {
		return true
	}
	name, rest, called := strings.Cut(strings.TrimLeft(text[start:end], "([{\"'"), "(")
	if called = called || strings.ContainsAny(rest+name, ")]}"); called {
		name = name[strings.LastIndexByte(name, '.')+1:]
	}
	return (called || runEnd(name, 0, &isLetter) == len(name)) && countWords(name) < 4
}

// countWords returns how many words stand together in a name.
func countWords(name string) (n int) {
	for i := 0; i < len(name); i = runEnd(name, runEnd(name, i, &isLetter), &joint) {
		word := name[i:runEnd(name, i, &isLetter)]
		n += len(bytes.Fields(appendWords(nil, word)))
	}
	return n
}

// declarations are what stands in front of a name that is declared, and declared is
// how far back they are looked for.
var declarations = map[string]bool{
	"def": true, "fn": true, "func": true, "fun": true, "function": true, "const": true, "let": true, "var": true, "val": true,
	"class": true, "struct": true, "enum": true, "interface": true, "void": true, "bool": true, "boolean": true, "int": true, "string": true,
	"public": true, "private": true, "static": true, "async": true, "import": true, "return": true, "new": true, "type": true,
}

const declared = 16

// joint is what may stand for a space, or for nothing, between words.
var (
	joint   = setOf("+_-./*~=|,:;#&!?<>(){}[]\"'")
	jointed = setOf("abcdefghijklmnopqrstuvwxyz+_-./*~=|,:;#&!?<>(){}[]\"'")
)

// appendWords appends the words of s, which may be several without anything
// between them.
func appendWords(dst []byte, s string) []byte {
	const longest = 1 << 10 // no phrase of words that long
	l, word := words(), []byte(s)
	if len(word) <= longWord || len(word) > longest || l.knows(word) {
		return append(dst, s...)
	}
	return append(dst, l.part(word)...)
}
