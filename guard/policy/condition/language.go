package condition

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
)

// What the caller said.
const (
	direction  = "direction"
	origin     = "origin"
	annotation = "annotation"
)

// What was measured.
const (
	worst  = "worst"
	count  = "count"
	score  = "score"
	found  = "found"
	tokens = "tokens"
	risk   = "risk"
)

// Bounds of a condition. An annotation has at most 128 bytes by the contract.
const (
	maxSource    = 1000 // code points
	maxDepth     = 32
	maxCost      = 10_000 // of CEL's units: about one for each step and ten bytes
	maxAnnotated = 128
)

// newLanguage is CEL without anything that can fail or loop. Sums and products are
// for numbers with a fraction, which cannot overflow into an error; all that is
// measured is such a number, and may be compared with whole ones too.
func newLanguage() (*cel.Env, error) {
	one := []*cel.Type{cel.StringType}
	language, err := cel.NewCustomEnv(
		cel.StdLib(cel.StdLibSubset(&env.LibrarySubset{DisableMacros: true, IncludeFunctions: standard()})),
		cel.ParserExpressionSizeLimit(maxSource),
		cel.ParserRecursionLimit(maxDepth),
		cel.CrossTypeNumericComparisons(true),
		cel.Variable(direction, cel.StringType),
		cel.Variable(origin, cel.StringType),
		measured(annotation, one, cel.StringType),
		measured(worst, one, cel.DoubleType),
		measured(count, one, cel.DoubleType),
		measured(score, one, cel.DoubleType),
		measured(found, one, cel.BoolType),
		measured(tokens, nil, cel.DoubleType),
		measured(risk, nil, cel.DoubleType),
	)
	if err != nil {
		return nil, fmt.Errorf("condition: %w", err)
	}
	return language, nil
}

// measured declares a function that each text answers for itself.
func measured(name string, args []*cel.Type, result *cel.Type) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_of_text", args, result, cel.LateFunctionBinding()))
}

// standard lists what conditions have of CEL's own functions.
func standard() []*env.Function {
	all := []*env.Function{
		env.NewFunction(operators.Add, &env.Overload{ID: overloads.AddDouble}),
		env.NewFunction(operators.Multiply, &env.Overload{ID: overloads.MultiplyDouble}),
	}
	for _, name := range []string{
		operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Equals, operators.NotEquals, operators.In,
		operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		overloads.Contains, overloads.StartsWith, overloads.EndsWith,
	} {
		all = append(all, env.NewFunction(name))
	}
	return all
}
