package condition

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Condition is a compiled expression. It is immutable and safe for concurrent use.
type Condition struct {
	source  string
	program cel.Program
}

// String returns the condition as it was written.
func (c *Condition) String() string { return c.source }

// Request is what the caller said of a text. It is the same from the first check to
// the last.
type Request struct {
	Direction, Origin string
	Annotations       map[string]string
}

// Report answers what has been measured so far. None of its answers may become less
// when a check ends or another finding comes; none may be negative or no number.
type Report interface {
	Worst(category string) float64 // the worst score of a category
	Count(category string) float64 // findings of a category
	Score(label string) float64    // of a label of a model: "label" or "model/label"
	Found(rule string) bool        // a finding of a rule
	Tokens() float64               // 0 until they are counted
	Risk() float64
}

// Holds evaluates the condition. It fails only if the cost limit, which was checked
// when the condition was compiled, is passed all the same; then it has no answer.
func (c *Condition) Holds(q Request, r Report) (bool, error) {
	vars, err := cel.FunctionVars(
		map[string]any{direction: q.Direction, origin: q.Origin},
		functions(q, r),
	)
	if err != nil {
		return false, fmt.Errorf("condition: %w", err)
	}
	out, _, err := c.program.Eval(vars)
	if err != nil {
		return false, fmt.Errorf("condition: %w", err)
	}
	return out == types.True, nil
}

// functions binds the functions of a condition to one text. Their arguments are
// strings: the type checker has seen to it.
func functions(q Request, r Report) map[string]cel.LateBoundFunction {
	number := func(f func(string) float64) cel.LateBoundFunction {
		return func(_ string, args ...ref.Val) ref.Val { return types.Double(f(text(args[0]))) }
	}
	return map[string]cel.LateBoundFunction{
		annotation: func(_ string, args ...ref.Val) ref.Val { return types.String(q.Annotations[text(args[0])]) },
		worst:      number(r.Worst),
		count:      number(r.Count),
		score:      number(r.Score),
		found:      func(_ string, args ...ref.Val) ref.Val { return types.Bool(r.Found(text(args[0]))) },
		tokens:     func(string, ...ref.Val) ref.Val { return types.Double(r.Tokens()) },
		risk:       func(string, ...ref.Val) ref.Val { return types.Double(r.Risk()) },
	}
}

func text(v ref.Val) string {
	s, _ := v.(types.String)
	return string(s)
}
