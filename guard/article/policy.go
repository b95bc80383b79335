package article

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// Where the article draws its lines. Scores must be above the first two; a sum of
// blockAt or more cannot be repaired.
const (
	injectionOver = 0.5
	toxicityOver  = 0.7
	blockAt       = 0.9
	overLimit     = 0.3 // what a text over its token limit adds to the risk
)

// DefaultTokenLimit is the article's limit on cl100k_base tokens.
const DefaultTokenLimit = 4000

// Config is what the article leaves open.
type Config struct {
	Name       string   // "article" where empty
	TokenLimit int      // cl100k_base tokens; 0: DefaultTokenLimit
	Models     []string // names of all loaded model checks
	DetectOnly bool
}

// Policy decides as the article does: up to three issues, their scores added up.
type Policy struct {
	cfg    Config
	checks []string
	digest string
}

var _ guard.Policy = (*Policy)(nil)

// NewPolicy refuses a negative token limit.
func NewPolicy(cfg Config) (*Policy, error) {
	if cfg.TokenLimit < 0 {
		return nil, errors.New("article: the token limit is negative; set 0 for the default of 4000")
	}
	if cfg.Name == "" {
		cfg.Name = checkName
	}
	if cfg.TokenLimit == 0 {
		cfg.TokenLimit = DefaultTokenLimit
	}
	checks := append([]string{checkName, "tokens"}, cfg.Models...)
	slices.Sort(checks[2:])
	rules := fmt.Sprintf("article %q token_limit %d detect_only %t checks %q", cfg.Name, cfg.TokenLimit, cfg.DetectOnly, checks)
	return &Policy{cfg: cfg, checks: checks, digest: fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(rules)))}, nil
}

// Name returns the configured name.
func (p *Policy) Name() string { return p.cfg.Name }

// Digest covers the name, the limit and the checks; the rest is this code.
func (p *Policy) Digest() string { return p.digest }

// Plan asks for all checks at once and lets them all end: the article reports every
// issue, not the first. Its preface goes in front of the text, so it must be whole.
func (p *Policy) Plan(guard.Meta) guard.Plan {
	return guard.Plan{Checks: slices.Clone(p.checks), DetectOnly: p.cfg.DetectOnly, Whole: true}
}

// Decide adds up the issues: none allows, a sum under 0.9 sanitises, more blocks.
// So does a check that did not finish. A pending check has no issues yet; each
// issue only adds, so what is decided without it is never stricter than the end.
func (p *Policy) Decide(r guard.Report) guard.Verdict {
	v := guard.Verdict{Decision: guard.Allow, Findings: p.issues(r)}
	for _, name := range p.checks {
		if !finished(r, name) {
			v.Decision = guard.Block
			v.Reasons = append(v.Reasons, "check "+name+" did not finish")
		}
	}
	sum := 0.0
	for _, issue := range v.Findings {
		sum += issue.Score
		v.Decision = min(v.Decision, guard.Sanitize)
		v.Reasons = append(v.Reasons, issue.Message)
	}
	if sum >= blockAt {
		v.Decision = guard.Block
	}
	v.Risk = min(sum, 1)
	return v
}

// issues returns the article's three, in its order, each with what it adds.
func (p *Policy) issues(r guard.Report) []guard.Finding {
	var all []guard.Finding
	add := func(rule string, c guard.Category, score float64, message string) {
		all = append(all, guard.Finding{Check: checkName, Rule: rule, Category: c, Severity: guard.High, Score: score, Message: message})
	}
	if n, ok := r.Tokens(); ok && n > p.limit(r.Meta) {
		add("article.token-limit", guard.TokenLimit, overLimit, "Input exceeds token limit")
	}
	if score := injectionScore(findings(r)); score > injectionOver {
		add("article.injection", guard.PromptInjection, score, "Potential prompt injection detected")
	}
	if score := toxicity(r); score > toxicityOver {
		add("article.toxicity", guard.Toxicity, score, "Unsafe content detected")
	}
	return all
}

// limit is the policy's, or the request's if that is lower.
func (p *Policy) limit(m guard.Meta) int {
	if m.TokenLimit > 0 {
		return min(m.TokenLimit, p.cfg.TokenLimit)
	}
	return p.cfg.TokenLimit
}

// findings returns those of the check of this package.
func findings(r guard.Report) []guard.Finding {
	for _, c := range r.Checks {
		if c.Check == checkName {
			return c.Findings
		}
	}
	return nil
}

// toxicity is the highest score of a toxicity label of any model.
func toxicity(r guard.Report) float64 {
	worst := 0.0
	for _, c := range r.Checks {
		for _, s := range c.Scores {
			if s.Category == guard.Toxicity {
				worst = max(worst, s.Score)
			}
		}
	}
	return worst
}

// finished reports whether a check did all it was asked for, or still may.
func finished(r guard.Report, name string) bool {
	for _, c := range r.Checks {
		if c.Check == name {
			return c.State == guard.Pending || c.State == guard.Completed && c.Coverage >= 1
		}
	}
	return false
}
