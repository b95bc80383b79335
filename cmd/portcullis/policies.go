package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/article"
	"github.com/portcullis-ai/portcullis/guard/pattern"
	"github.com/portcullis-ai/portcullis/guard/policy"
	"github.com/portcullis-ai/portcullis/internal/config"
)

// ownChecks are there whatever is loaded.
func ownChecks() []string { return []string{"article", "pattern", "tokens"} }

// policyEnv is what policies may refer to. A model's check is named by its key.
func policyEnv(models map[string]policy.Model, rules []pattern.Rule) policy.Env {
	env := policy.Env{
		Checks:       append(ownChecks(), slices.Sorted(maps.Keys(models))...),
		Models:       models,
		Placeholders: pattern.Placeholders(rules),
		Engines:      map[string]policy.Engine{"article": articlePolicy},
	}
	for _, r := range rules {
		env.Rules = append(env.Rules, r.ID)
	}
	env.Rules = append(env.Rules, pattern.PayloadRules()...)
	return env
}

func articlePolicy(s policy.Spec) (guard.Policy, error) {
	return article.NewPolicy(article.Config{Name: s.Name, TokenLimit: s.TokenLimit, DetectOnly: s.DetectOnly, Models: s.Models})
}

// unloadedEnv is what policies could refer to if the models of cfg were loaded: their
// manifests say it all.
func unloadedEnv(cfg config.Config) (policy.Env, error) {
	rules, err := loadRules(cfg.Rules)
	if err != nil {
		return policy.Env{}, err
	}
	models := make(map[string]policy.Model, len(cfg.Models))
	for _, name := range cfg.Models {
		m, err := (modelLoader{cfg: cfg}).find(name)
		if err != nil {
			return policy.Env{}, fmt.Errorf("model %s: %w", name, err)
		}
		models[m.Manifest().Check] = policyModel(m.Manifest())
	}
	return policyEnv(models, rules), nil
}

// policyFile tells where the policy is that a person means by a file's path or by a
// policy's name: in the folder of the settings, or among the built-in ones.
func policyFile(cfg config.Config, meant string) (fsys fs.FS, name string, err error) {
	if strings.ContainsRune(meant, filepath.Separator) || filepath.Ext(meant) != "" {
		return os.DirFS(filepath.Dir(meant)), filepath.Base(meant), nil
	}
	name = meant + ".yaml"
	if cfg.Policies != "" {
		if _, err := os.Stat(filepath.Join(cfg.Policies, name)); err == nil {
			return os.DirFS(cfg.Policies), name, nil
		}
	}
	if _, err := fs.Stat(policy.Builtin(), name); err != nil {
		return nil, "", fmt.Errorf("no policy is named %q; name balanced, strict, monitor, article, one of the folder that 'policies' sets, or a file (./%s)", meant, name)
	}
	return policy.Builtin(), name, nil
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

// loadRules returns the built-in rules, with what a folder, if there is one, adds,
// replaces and disables.
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
	all, err := pattern.Extend(rules, os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("rules in %s: %w", dir, err)
	}
	return all, nil
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
