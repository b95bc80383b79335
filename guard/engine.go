package guard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/portcullis-ai/portcullis/internal/crew"
)

// Engine judges texts with a fixed set of checks and policies. It is immutable
// and safe for concurrent use: new rules, policies or models make a new Engine. Close
// ends its goroutines.
type Engine struct {
	cfg      Config
	checks   []Check // sorted by name
	policies map[string]Policy
	prepare  Preparer
	crew     *crew.Crew // runs the checks, those whose request gave them up included
}

// keptGoroutines is how many an engine keeps for the checks to come: those of some thirty
// texts that are judged side by side.
const keptGoroutines = 128

// NewEngine refuses an unusable config, names used twice, a default policy that
// is not there and policies that ask for checks that are not there.
func NewEngine(cfg Config, policies []Policy, checks []Check) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	e := &Engine{
		cfg:      cfg,
		checks:   slices.SortedFunc(slices.Values(checks), func(a, b Check) int { return cmp.Compare(a.Name(), b.Name()) }),
		policies: make(map[string]Policy, len(policies)),
		prepare:  Preparer{MaxRaw: cfg.MaxTextBytes, MaxFolded: cfg.MaxFoldedBytes},
		crew:     crew.New(keptGoroutines),
	}
	for i := 1; i < len(e.checks); i++ {
		if e.checks[i].Name() == e.checks[i-1].Name() {
			return nil, fmt.Errorf("guard: two checks are named %q", e.checks[i].Name())
		}
	}
	for _, p := range policies {
		if err := e.add(p); err != nil {
			return nil, fmt.Errorf("guard: policy %q: %w", p.Name(), err)
		}
	}
	if _, ok := e.policies[cfg.DefaultPolicy]; !ok {
		return nil, fmt.Errorf("guard: default_policy: no policy is named %q", cfg.DefaultPolicy)
	}
	return e, nil
}

func (e *Engine) add(p Policy) error {
	if _, ok := e.policies[p.Name()]; ok {
		return errors.New("the name is taken")
	}
	for d := Input; d <= Output; d++ {
		for o := OriginUser; o <= OriginSystem; o++ {
			plan := p.Plan(Meta{Direction: d, Origin: o})
			for _, name := range slices.Concat(plan.Checks, plan.First) {
				if !slices.ContainsFunc(e.checks, func(c Check) bool { return c.Name() == name }) {
					return fmt.Errorf("it asks for check %q, which is not loaded", name)
				}
			}
		}
	}
	e.policies[p.Name()] = p
	return nil
}

// PolicyInfo names a loaded policy.
type PolicyInfo struct {
	Name, Digest string
	Default      bool
}

// Policies returns what is loaded, by name.
func (e *Engine) Policies() []PolicyInfo {
	infos := make([]PolicyInfo, 0, len(e.policies))
	for name, p := range e.policies {
		infos = append(infos, PolicyInfo{Name: name, Digest: p.Digest(), Default: name == e.cfg.DefaultPolicy})
	}
	slices.SortFunc(infos, func(a, b PolicyInfo) int { return cmp.Compare(a.Name, b.Name) })
	return infos
}

// Checks returns the names of the loaded checks, sorted.
func (e *Engine) Checks() []string {
	names := make([]string, len(e.checks))
	for i, c := range e.checks {
		names[i] = c.Name()
	}
	return names
}

// MaxTextBytes is the longest text that Validate takes.
func (e *Engine) MaxTextBytes() int { return e.cfg.MaxTextBytes }

// Validate judges one text.
//
// It calls emit from one goroutine, once for every check that ran, as each one
// ends and before it returns; emit may be nil, and an error of emit ends the
// request. Errors wrap ErrUnknownPolicy, ErrTextTooLong, ErrNotUTF8,
// ErrOverloaded, emit's error or ctx's; with an error there is no result, and
// the text is not cleared. A check that fails is no error.
func (e *Engine) Validate(ctx context.Context, r Request, emit func(CheckReport) error) (Result, error) {
	p, err := e.policy(r.Policy)
	if err != nil {
		return Result{}, err
	}
	text, err := e.prepare.Prepare(r.Text)
	if err != nil {
		return Result{}, err
	}
	plan := p.Plan(r.Meta)
	s := newSession(e, p, plan, r.Meta, emit)
	if plan.TextDigest {
		s.digest = textDigest(r.Text)
	}
	if err := s.run(ctx, text, e.reserve(ctx)); err != nil {
		return Result{}, err
	}
	return s.result(ctx, r.Text)
}

func textDigest(text string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))) }

func (e *Engine) policy(name string) (Policy, error) {
	if name == "" {
		name = e.cfg.DefaultPolicy
	}
	p, ok := e.policies[name]
	if !ok {
		return nil, fmt.Errorf("%w: no policy is named %q", ErrUnknownPolicy, name)
	}
	return p, nil
}

// Close waits until no check is at work any more, or ctx ends. Call it after
// the last Validate has returned.
func (e *Engine) Close(ctx context.Context) error {
	done := make(chan struct{})
	go func() { e.crew.Close(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("guard: checks still at work: %w", context.Cause(ctx))
	}
}
