package condition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// known refuses a measure of something that there is not. A measure is asked for by
// a name in quotes, so that this can be told now.
func (n Names) known(r rising, measure string, args []ast.Expr) error {
	there, what := n.of(measure)
	for _, arg := range args {
		name, ok := literal(arg)
		if !ok {
			return r.wrong(arg, fmt.Sprintf("write the name of the %s in quotes", what))
		}
		if !slices.Contains(there, name) {
			return r.wrong(arg, fmt.Sprintf("there is no %s %q; there are %s", what, name, listed(there)))
		}
	}
	return nil
}

// of returns what a measure may be asked of.
func (n Names) of(measure string) (there []string, what string) {
	switch measure {
	case score:
		return n.Labels, "label"
	case found:
		return n.Rules, "rule"
	}
	return n.Categories, "category"
}

// compared refuses to compare the origin or the direction with a name that none has.
func (n Names) compared(r rising, args []ast.Expr) error {
	for _, arg := range args {
		if arg.Kind() != ast.IdentKind {
			continue
		}
		there := n.Origins
		if arg.AsIdent() == direction {
			there = n.Directions
		}
		for _, other := range args {
			if err := n.among(r, arg.AsIdent(), there, other); err != nil {
				return err
			}
		}
	}
	return nil
}

// among looks at a string, or at those of a list.
func (n Names) among(r rising, what string, there []string, e ast.Expr) error {
	if e.Kind() == ast.ListKind {
		for _, item := range e.AsList().Elements() {
			if err := n.among(r, what, there, item); err != nil {
				return err
			}
		}
	}
	if name, ok := literal(e); ok && !slices.Contains(there, name) {
		return r.wrong(e, fmt.Sprintf("%q is no %s; there are %s", name, what, listed(there)))
	}
	return nil
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// listed names at most as many as a person will read.
func listed(names []string) string {
	const most = 12
	some := slices.Clone(names[:min(len(names), most)])
	if more := len(names) - len(some); more > 0 {
		some = append(some, fmt.Sprintf("and %d more", more))
	}
	return cmp.Or(strings.Join(some, ", "), "none")
}
