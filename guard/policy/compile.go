package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// What holds where a file says nothing.
const (
	defaultTokens       = 4000
	defaultTokensWeight = 0.3
	defaultWeight       = 1
)

// compile makes a policy of a file whose base has been merged in already. Errors
// name the key that is wrong.
func compile(name string, f file, env Env) (guard.Policy, error) {
	if f.Engine != "" {
		return compileEngine(name, f, env)
	}
	return compileLines(name, f, env)
}

func compileLines(name string, f file, env Env) (*policy, error) {
	p := &policy{name: name, placeholders: env.Placeholders}
	var err error
	if p.plan, err = f.plan(env); err != nil {
		return nil, fmt.Errorf("checks: %w", err)
	}
	if p.onFailure, err = holding(f.OnFailure); err != nil {
		return nil, fmt.Errorf("on_failure: %w", err)
	}
	t := value(f.Limits.Tokens)
	if p.overTokens, err = holding(t.Action); err != nil {
		return nil, fmt.Errorf("limits.tokens.action: %w", err)
	}
	if p.tokensWeight, err = weight(t.Weight, defaultTokensWeight); err != nil {
		return nil, fmt.Errorf("limits.tokens.weight: %w", err)
	}
	if p.overTokens == guard.Block {
		p.plan.First = []string{tokensCheck} // too long a text never costs an inference
	}
	if p.rulings, err = f.rulings(env); err != nil {
		return nil, fmt.Errorf("conditions%w", err)
	}
	for d := range p.rules {
		for o := range p.rules[d] {
			if p.rules[d][o], err = f.rules(guard.Direction(d), guard.Origin(o), env); err != nil {
				return nil, err
			}
		}
	}
	p.digest, err = p.sum()
	return p, err
}

// compileEngine leaves the deciding to another package.
func compileEngine(name string, f file, env Env) (guard.Policy, error) {
	engine, ok := env.Engines[f.Engine]
	if !ok {
		return nil, fmt.Errorf("engine: %q is not one of %s", f.Engine, known(env.Engines))
	}
	t := value(f.Limits.Tokens)
	if f.Checks != nil || len(f.Categories)+len(f.Overrides)+len(f.Conditions)+len(f.Allow.Rules)+len(f.Allow.Texts) > 0 || f.OnFailure != "" || f.StopAtBlock != nil || t.Action != "" || t.Weight != nil {
		return nil, fmt.Errorf("engine: %s decides by itself; leave nothing beside it but detect_only and limits.tokens.max", f.Engine)
	}
	if t.Max != nil && *t.Max < 1 {
		return nil, fmt.Errorf("limits.tokens.max: %d is less than 1", *t.Max)
	}
	return engine(Spec{Name: name, TokenLimit: value(t.Max), DetectOnly: value(f.DetectOnly), Models: env.modelChecks()})
}

// articleCheck belongs to the engine of that name; its findings mean nothing here.
const articleCheck = "article"

// plan lists the checks, models spelt out.
func (f file) plan(env Env) (guard.Plan, error) {
	var checks []string
	for _, name := range f.Checks {
		switch {
		case name == "models":
			checks = append(checks, env.modelChecks()...)
		case name == articleCheck:
			return guard.Plan{}, errors.New(`"article" is for policies with engine: article`)
		case !slices.Contains(env.Checks, name):
			return guard.Plan{}, fmt.Errorf(`%q is not loaded; there are %s, and "models" for all models`, name, strings.Join(env.Checks, ", "))
		default:
			checks = append(checks, name)
		}
	}
	if !slices.Contains(checks, tokensCheck) {
		return guard.Plan{}, errors.New(`add "tokens": a request may bring a token limit of its own`)
	}
	slices.Sort(checks)
	return guard.Plan{Checks: slices.Compact(checks), StopAtBlock: value(f.StopAtBlock), DetectOnly: value(f.DetectOnly)}, nil
}

// holding reads an action that lets nothing pass; none means block.
func holding(action string) (guard.Decision, error) {
	switch action {
	case "", "block":
		return guard.Block, nil
	case "review":
		return guard.Review, nil
	}
	return guard.Block, fmt.Errorf("%q is neither block nor review; nothing may pass here", action)
}

func weight(w *float64, fallback float64) (float64, error) {
	if w == nil {
		return fallback, nil
	}
	if !(*w >= 0 && *w <= 1) {
		return 0, fmt.Errorf("%v is not between 0 and 1", *w)
	}
	return *w, nil
}

// sum is the policy's digest: SHA-256 over everything that the file, the loaded
// models and the rules' placeholders resolved to, as JSON with sorted keys. Equal
// digests decide and sanitise alike; comments and the order of keys do not count.
func (p *policy) sum() (string, error) {
	content, err := json.Marshal(map[string]any{
		"name": p.name, "plan": p.plan, "on_failure": p.onFailure, "over_tokens": p.overTokens,
		"tokens_weight": p.tokensWeight, "rules": p.rules, "conditions": p.rulings, "placeholders": p.placeholders,
	})
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256(content)), nil
}

func known[V any](m map[string]V) string {
	return cmp.Or(strings.Join(slices.Sorted(maps.Keys(m)), ", "), "none")
}
