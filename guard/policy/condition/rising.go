package condition

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// rising proves that an expression never falls when what was measured rises.
//
// An expression that asks for nothing measured is steady. One that does is rising if
// it is a measure, or "and", "or" or a sum of what is steady or rising, or a rising
// one times a constant between 0 and 1, or a rising one that must reach a steady one.
// Anything else could fall, and is refused. Sums stay finite, or are infinite by
// their constants alone, whatever was measured: so they have no exceptions.
type rising struct {
	checked *ast.AST
	names   Names
}

// check reports whether e rises with what was measured; if not, it is steady.
func (r rising) check(e ast.Expr) (rises bool, err error) {
	switch e.Kind() {
	case ast.LiteralKind, ast.IdentKind:
		return false, nil
	case ast.ListKind:
		return r.list(e)
	case ast.CallKind:
		return r.call(e)
	default:
		return false, r.wrong(e, "conditions are made of comparisons, && and ||")
	}
}

func (r rising) list(e ast.Expr) (bool, error) {
	for _, item := range e.AsList().Elements() {
		rises, err := r.check(item)
		if err == nil && rises {
			err = r.wrong(item, "a list cannot hold what was measured")
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

func (r rising) call(e ast.Expr) (bool, error) {
	name, args := e.AsCall().FunctionName(), operands(e.AsCall())
	if isMeasure(name) {
		return true, r.names.known(r, name, args)
	}
	rises := make([]bool, len(args))
	for i, arg := range args {
		var err error
		if rises[i], err = r.check(arg); err != nil {
			return false, err
		}
	}
	if !slices.Contains(rises, true) {
		return false, r.names.compared(r, args)
	}
	if !keeps(name, args, rises) {
		return false, r.wrong(e, fmt.Sprintf("a finding more could make this false (%s); what was measured may only be compared by >= or > with something fixed, added, multiplied by a constant from 0 to 1, and joined by && and ||", written(name)))
	}
	return true, nil
}

// operands are the arguments of a call, what it is called on first.
func operands(c ast.CallExpr) []ast.Expr {
	if c.IsMemberFunction() {
		return append([]ast.Expr{c.Target()}, c.Args()...)
	}
	return c.Args()
}

func isMeasure(name string) bool {
	return slices.Contains([]string{worst, count, score, found, tokens, risk}, name)
}

// keeps tells whether an operator whose operands rise where rises says so rises too.
func keeps(name string, args []ast.Expr, rises []bool) bool {
	switch name {
	case operators.LogicalAnd, operators.LogicalOr, operators.Add:
		return true
	case operators.Greater, operators.GreaterEquals:
		return !rises[1]
	case operators.Less, operators.LessEquals:
		return !rises[0]
	case operators.Multiply:
		return isShare(args[0]) || isShare(args[1])
	}
	return false
}

// isShare tells whether e is a constant from 0 to 1.
func isShare(e ast.Expr) bool {
	if e.Kind() != ast.LiteralKind {
		return false
	}
	d, ok := e.AsLiteral().(types.Double)
	return ok && d >= 0 && d <= 1
}

// written is an operator as people write it.
func written(name string) string {
	if symbol, ok := operators.FindReverse(name); ok && symbol != "" {
		return symbol
	}
	return name
}

// wrong says what is wrong with e, and where it stands.
func (r rising) wrong(e ast.Expr, what string) error {
	return fmt.Errorf("%s: %s", place(r.checked.SourceInfo().GetStartLocation(e.ID())), what)
}
