package policy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
	expression "github.com/portcullis-ai/portcullis/guard/policy/condition"
)

// ruling is a compiled condition and what follows if it holds.
type ruling struct {
	Name string
	Then guard.Decision
	when *expression.Condition
}

// MarshalText makes a ruling a part of the policy's digest.
func (r ruling) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%s: %s when %s", r.Name, r.Then, r.when), nil
}

// rulings compiles the conditions of a file. Errors name the condition and the key.
func (f file) rulings(env Env) ([]ruling, error) {
	if len(f.Conditions) == 0 {
		return nil, nil
	}
	compiler, err := expression.NewCompiler(env.names())
	if err != nil {
		return nil, err
	}
	var all []ruling
	for i, c := range f.Conditions {
		if !nameForm.MatchString(c.Name) {
			return nil, fmt.Errorf("[%d].name: %q is no name; use lower-case letters, digits, - and _", i, c.Name)
		}
		if slices.ContainsFunc(all, func(r ruling) bool { return r.Name == c.Name }) {
			return nil, fmt.Errorf("[%d].name: %q is taken by another condition", i, c.Name)
		}
		then, err := consequence(c.Then)
		if err != nil {
			return nil, fmt.Errorf(".%s.then: %w", c.Name, err)
		}
		when, err := compiler.Compile(c.When)
		if err != nil {
			return nil, fmt.Errorf(".%s.when: %w", c.Name, err)
		}
		all = append(all, ruling{Name: c.Name, Then: then, when: when})
	}
	return all, nil
}

// consequence reads what follows from a condition.
func consequence(then string) (guard.Decision, error) {
	switch then {
	case "block":
		return guard.Block, nil
	case "review":
		return guard.Review, nil
	case "sanitize":
		return guard.Sanitize, nil
	}
	return guard.Block, errors.New("write block, review or sanitize; a condition cannot allow")
}

// names are what conditions may name.
func (e Env) names() expression.Names {
	n := expression.Names{Rules: e.rules()}
	for d := guard.Input; d <= guard.Output; d++ {
		n.Directions = append(n.Directions, d.String())
	}
	for o := guard.OriginUser; o <= guard.OriginSystem; o++ {
		n.Origins = append(n.Origins, o.String())
	}
	for c := range guard.Neutral {
		if c != guard.TokenLimit { // that is what tokens() is for
			n.Categories = append(n.Categories, c.String())
		}
	}
	for _, m := range e.Models {
		for name, c := range m.Labels {
			if c != guard.Neutral {
				n.Labels = append(n.Labels, name, m.Name+"/"+name)
			}
		}
	}
	slices.Sort(n.Labels)
	n.Labels = slices.Compact(n.Labels)
	return n
}
