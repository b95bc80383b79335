package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// tokensCheck counts what limits.tokens limits.
const tokensCheck = "tokens"

// policy is a compiled file.
type policy struct {
	name         string
	digest       string
	plan         guard.Plan
	onFailure    guard.Decision
	overTokens   guard.Decision
	tokensWeight float64
	rules        [2][5]*rules // by direction and origin
	placeholders map[string]string
}

func (p *policy) Name() string   { return p.name }
func (p *policy) Digest() string { return p.digest }

// Plan is the same for all texts: overrides change lines, not checks.
func (p *policy) Plan(guard.Meta) guard.Plan {
	plan := p.plan
	plan.Checks, plan.First = slices.Clone(plan.Checks), slices.Clone(plan.First)
	return plan
}

// rulesFor takes a direction or origin that it does not know for the first, as
// guard does.
func (p *policy) rulesFor(m guard.Meta) *rules {
	d, o := int(m.Direction), int(m.Origin)
	if d >= len(p.rules) {
		d = 0
	}
	if o >= len(p.rules[d]) {
		o = 0
	}
	return p.rules[d][o]
}

// Decide settles every finding and every check by itself and takes the strictest
// of what they ask for. Pending checks ask for nothing.
func (p *policy) Decide(r guard.Report) guard.Verdict {
	rules := p.rulesFor(r.Meta)
	j := judgement{decision: guard.Allow}
	var t tally
	for _, c := range r.Checks {
		for _, f := range c.Findings {
			t.add(f)
			if d := p.settle(rules, f); d != guard.Allow {
				j.because(d, score(f), fmt.Sprintf("%s: %s scores %.2f", f.Category, f.Rule, score(f)))
			}
		}
	}
	j.findings = t.composites(rules)
	harmless := t.harmless(rules)
	if f, over := p.tokenLimit(rules, r); over {
		j.because(p.overTokens, 1, f.Message)
		j.findings = append(j.findings, f)
		harmless *= 1 - p.tokensWeight
	}
	for _, name := range p.plan.Checks {
		if d := p.unfinished(r, name); d != guard.Allow {
			j.because(d, 0, "check "+name+" did not finish")
		}
	}
	return guard.Verdict{Decision: j.decision, Risk: 1 - harmless, Reasons: j.reasons(), Findings: j.findings}
}

// settle returns what one finding asks for. What cannot be taken out of the text
// cannot be sanitised, so the line is a BLOCK then.
func (p *policy) settle(r *rules, f guard.Finding) guard.Decision {
	if f.Weak || f.Category >= guard.Neutral {
		return guard.Allow
	}
	d := r.linesFor(f).decide(score(f))
	if d == guard.Sanitize && (f.Span == nil || p.placeholders[f.Rule] == "") {
		return guard.Block
	}
	return d
}

// unfinished returns what the state of a planned check asks for. A report without
// it is none that the engine made, and one that was cut short had been blocked.
func (p *policy) unfinished(r guard.Report, name string) guard.Decision {
	i := slices.IndexFunc(r.Checks, func(c guard.CheckReport) bool { return c.Check == name })
	if i < 0 {
		return guard.Block
	}
	switch c := r.Checks[i]; {
	case c.State == guard.Pending || c.State == guard.Completed && c.Coverage >= 1:
		return guard.Allow
	case c.State == guard.CutShort || c.State == guard.NotApplicable:
		return guard.Block
	}
	return p.onFailure
}

// tokenLimit returns the finding that the text has too many tokens. The request
// may lower the limit, never raise it.
func (p *policy) tokenLimit(rules *rules, r guard.Report) (guard.Finding, bool) {
	limit := rules.Tokens
	if r.Meta.TokenLimit > 0 {
		limit = min(limit, r.Meta.TokenLimit)
	}
	n, ok := r.Tokens()
	return guard.Finding{
		Check:    tokensCheck,
		Rule:     "tokens.limit",
		Category: guard.TokenLimit,
		Severity: guard.Medium,
		Score:    1,
		Message:  fmt.Sprintf("%d tokens, the limit is %d", n, limit),
	}, ok && n > limit
}

// judgement gathers a verdict.
type judgement struct {
	decision guard.Decision
	findings []guard.Finding
	grounds  []ground
}

type ground struct {
	decision guard.Decision
	score    float64
	text     string
}

// because takes d into account and remembers why.
func (j *judgement) because(d guard.Decision, score float64, text string) {
	j.decision = min(j.decision, d)
	j.grounds = append(j.grounds, ground{d, score, text})
}

// maxReasons is how many reasons a person will read.
const maxReasons = 8

// reasons returns the strictest grounds first, each once.
func (j *judgement) reasons() []string {
	slices.SortFunc(j.grounds, func(a, b ground) int {
		return cmp.Or(cmp.Compare(a.decision, b.decision), cmp.Compare(b.score, a.score), cmp.Compare(a.text, b.text))
	})
	grounds := slices.Compact(j.grounds)
	texts := make([]string, 0, min(len(grounds), maxReasons))
	for _, g := range grounds[:min(len(grounds), maxReasons)] {
		texts = append(texts, g.text)
	}
	return texts
}
