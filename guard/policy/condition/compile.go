package condition

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// Names are what the strings of a condition may name. A name that is none of them
// is refused: it would never be found.
type Names struct {
	Directions, Origins, Categories []string
	Labels                          []string // of the loaded models: "label" and "model/label"
	Rules                           []string
}

// Compiler compiles conditions over the same names.
type Compiler struct {
	language *cel.Env
	names    Names
}

// NewCompiler builds the language.
func NewCompiler(n Names) (*Compiler, error) {
	language, err := newLanguage()
	return &Compiler{language: language, names: n}, err
}

// Compile refuses what is no condition, what a rise could turn from true to false,
// names that nothing has, and what costs too much. Its errors say where, by column.
func (c *Compiler) Compile(source string) (*Condition, error) {
	if strings.TrimSpace(source) == "" {
		return nil, errors.New("it is empty")
	}
	checked, issues := c.language.Compile(source)
	if issues.Err() != nil {
		return nil, inWords(issues)
	}
	if checked.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("it is %s, not true or false; compare it with something", checked.OutputType())
	}
	if _, err := (rising{checked.NativeRep(), c.names}).check(checked.NativeRep().Expr()); err != nil {
		return nil, err
	}
	if err := c.afford(checked); err != nil {
		return nil, err
	}
	program, err := c.language.Program(checked, cel.CostLimit(maxCost))
	if err != nil {
		return nil, fmt.Errorf("condition: %w", err)
	}
	return &Condition{source: source, program: program}, nil
}

// inWords puts what CEL found wrong on one line.
func inWords(issues *cel.Issues) error {
	var all []string
	for _, e := range issues.Errors() {
		all = append(all, fmt.Sprintf("%s: %s", place(e.Location), plainly(e.Message)))
	}
	return errors.New(strings.Join(slices.Compact(all), "; "))
}

// plainly is a message of CEL without what says nothing to whoever writes a condition.
func plainly(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	message = strings.ReplaceAll(message, " (in container '')", "")
	rest, ok := strings.CutPrefix(message, "undeclared reference to '")
	if !ok {
		return message
	}
	name, hint, _ := strings.Cut(rest, "'")
	if symbol := written(name); symbol != name {
		return "conditions have no " + symbol
	}
	return "conditions have no " + name + hint
}

// place tells where in the source something is: lines are named from the second on.
func place(at common.Location) string {
	column := fmt.Sprintf("column %d", at.Column()+1)
	if at.Line() > 1 {
		return fmt.Sprintf("line %d, %s", at.Line(), column)
	}
	return column
}

// afford refuses a condition that could pass the cost limit on some text.
func (c *Compiler) afford(checked *cel.Ast) error {
	estimate, err := c.language.EstimateCost(checked, sizes{})
	if err != nil {
		return fmt.Errorf("condition: %w", err)
	}
	if estimate.Max > maxCost {
		return fmt.Errorf("it can cost %d steps, %d are allowed; make it shorter", estimate.Max, maxCost)
	}
	return nil
}

// sizes tells CEL how long the strings of a request can be.
type sizes struct{}

func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if n.Type().Kind() != types.StringKind {
		return nil
	}
	return &cost.SizeEstimate{Max: maxAnnotated}
}
