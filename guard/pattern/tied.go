package pattern

import "regexp/syntax"

// tied is an expression of a judge that is tried from the beginning of a text. It is read by a
// machine, like those of rules: regexp would take a hundred times as long where the expression
// counts what may stand in the middle.
type tied struct {
	*machine
	source string
}

// anywhere lets an expression begin anywhere.
const anywhere = `(?s:.*?)`

// newTied panics if the expression is none, as one that stands in the code may.
func newTied(source string) tied {
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		panic(err)
	}
	m, err := newMachine(tree)
	if err != nil {
		panic(err)
	}
	return tied{m, source}
}

// holds reports whether s begins with a match.
func (t tied) holds(s string) bool { return t.match(nil, s, 0) >= 0 }
