package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/article"
	"github.com/portcullis-ai/portcullis/guard/pattern"
	"github.com/portcullis-ai/portcullis/guard/policy"
	"github.com/portcullis-ai/portcullis/guard/tokens"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/server"
)

// generation is what judges texts from one reload to the next: models, rules and
// policies that belong together. A text is judged by one generation alone.
type generation struct {
	server.Loaded
	models []*loadedModel // in the order of the configuration, as in Loaded
	own    ownFiles       // rules and policies
}

// names tells people which models these are.
func (g *generation) names() []string {
	names := make([]string, len(g.models))
	for i, m := range g.models {
		manifest := m.source.Manifest()
		names[i] = fmt.Sprintf("%s %s %s", manifest.Name, manifest.Version, m.server.Digest)
	}
	return names
}

// close ends the generation, which nobody uses any more, and the models that no
// other one holds.
func (g *generation) close(ctx context.Context) error {
	var errs []error
	if g.Engine != nil {
		errs = append(errs, g.Engine.Close(ctx))
	}
	for _, m := range slices.Backward(g.models) {
		errs = append(errs, m.release(ctx))
	}
	return errors.Join(errs...)
}

// builder makes generations from one configuration, one at a time. Each reads the
// folders of models, rules and policies anew.
type builder struct {
	cfg     config.Config
	counter *tokens.Counter
	loader  modelLoader
	// candidate is a policy file that is tried beside those of the configuration.
	candidate *candidate
}

// build makes a generation beside now, which goes on serving and may be nil. Models
// that have not changed are shared with it. What fails leaves nothing behind.
func (b builder) build(ctx context.Context, now *generation) (_ *generation, err error) {
	next := &generation{own: readOwn(b.cfg)} // before they are loaded: what changes meanwhile is a change
	whole := false
	defer func() {
		if !whole { // a panic on the way leaves nothing behind either
			err = errors.Join(err, closeInTime(ctx, next.close))
		}
	}()
	var served []*loadedModel
	if now != nil {
		served = now.models
	}
	for _, name := range b.cfg.Models {
		m, err := b.loader.named(ctx, name, next.models, served)
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", name, err)
		}
		next.models = append(next.models, m)
		next.Models = append(next.Models, m.server)
	}
	next.TokenEncoding = b.counter.Encoding()
	next.Engine, err = b.engine(next.models) //nolint:contextcheck // it compiles rules, which takes no context
	whole = err == nil
	return next, err
}

// engine joins the checks and the policies.
func (b builder) engine(models []*loadedModel) (*guard.Engine, error) {
	rules, err := loadRules(b.cfg.Rules)
	if err != nil {
		return nil, err
	}
	patterns, err := pattern.New(rules)
	if err != nil {
		return nil, err
	}
	checks := []guard.Check{tokens.New(b.counter), patterns, article.New()}
	known := make(map[string]policy.Model, len(models))
	for _, m := range models {
		checks = append(checks, m.check)
		known[m.check.Name()] = m.policy
	}
	policies, err := b.policies(policyEnv(known, rules))
	if err != nil {
		return nil, err
	}
	return guard.NewEngine(b.cfg.Guard, policies, checks)
}

func (b builder) policies(env policy.Env) ([]guard.Policy, error) {
	policies, err := loadPolicies(b.cfg.Policies, env)
	if err != nil || b.candidate == nil {
		return policies, err
	}
	return b.candidate.join(policies, env)
}
