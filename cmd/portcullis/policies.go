package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/article"
	"github.com/portcullis-ai/portcullis/guard/pattern"
	"github.com/portcullis-ai/portcullis/guard/policy"
)

// policyEnv is what policies may refer to.
func policyEnv(checks []guard.Check, models map[string]policy.Model, rules []pattern.Rule) policy.Env {
	env := policy.Env{
		Models:       models,
		Placeholders: pattern.Placeholders(rules),
		Engines:      map[string]policy.Engine{"article": articlePolicy},
	}
	for _, c := range checks {
		env.Checks = append(env.Checks, c.Name())
	}
	for _, r := range rules {
		env.Rules = append(env.Rules, r.ID)
	}
	return env
}

func articlePolicy(s policy.Spec) (guard.Policy, error) {
	return article.NewPolicy(article.Config{Name: s.Name, TokenLimit: s.TokenLimit, DetectOnly: s.DetectOnly, Models: s.Models})
}

// loadPolicies returns the policies of a folder, if there is one, and the built-in
// ones that none of them replaces.
func loadPolicies(dir string, env policy.Env) ([]guard.Policy, error) {
	var own []guard.Policy
	if dir != "" {
		if err := folderOf("policies", dir); err != nil {
			return nil, err
		}
		var err error
		if own, err = policy.Load(os.DirFS(dir), env); err != nil {
			return nil, fmt.Errorf("policies in %s: %w", dir, err)
		}
	}
	all, err := policy.Load(policy.Builtin(), env)
	if err != nil {
		return nil, fmt.Errorf("built-in policies: %w", err)
	}
	replaced := func(p guard.Policy) bool {
		return slices.ContainsFunc(own, func(o guard.Policy) bool { return o.Name() == p.Name() })
	}
	return append(slices.DeleteFunc(all, replaced), own...), nil
}

// loadRules returns the built-in rules and those of a folder, if there is one.
func loadRules(dir string) ([]pattern.Rule, error) {
	rules, err := pattern.Builtin()
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	if dir == "" {
		return rules, nil
	}
	if err := folderOf("rules", dir); err != nil {
		return nil, err
	}
	own, err := pattern.Load(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("rules in %s: %w", dir, err)
	}
	return append(rules, own...), nil
}

// folderOf refuses a folder that holds no files of the kind: a volume that was not
// mounted must not put the built-in ones in the place of the operator's own.
func folderOf(key, dir string) error {
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if len(files) == 0 {
		return fmt.Errorf("%s: %s holds no *.yaml file", key, dir)
	}
	return nil
}
