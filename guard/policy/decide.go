package policy

import (
	"fmt"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// Decide settles every finding, every condition and every check by itself and takes
// the strictest of what they ask for. Pending checks ask for nothing.
func (p *policy) Decide(r guard.Report) guard.Verdict {
	h := p.hear(r)
	j := judgement{decision: guard.Allow, findings: h.tally.composites(h.rules)}
	if h.listed {
		j.because(guard.Allow, 0, "the text is on the allow-list")
	}
	for _, c := range h.report.Checks {
		for _, f := range c.Findings {
			if d := p.settle(&h, f); d != guard.Allow {
				j.because(d, h.score(f), h.reason(f))
			}
		}
	}
	if h.over {
		j.because(p.overTokens, 1, h.limit.Message)
		j.findings = append(j.findings, h.limit)
	}
	p.rule(&h, &j)
	for _, name := range p.plan.Checks {
		if d := p.unfinished(h.report, name); d != guard.Allow {
			j.because(d, 0, "check "+name+" did not finish")
		}
	}
	return guard.Verdict{Decision: j.decision, Risk: h.risk, Reasons: j.reasons(), Findings: j.findings}
}

// rule takes the conditions into account. One that could not be evaluated is as if it
// held, and no milder than a check that failed.
func (p *policy) rule(h *hearing, j *judgement) {
	for _, c := range h.held {
		j.because(c.Then, 1, "condition "+c.Name+" holds")
		j.findings = append(j.findings, c.finding())
	}
	for _, c := range h.failed {
		j.because(min(p.onFailure, c.Then), 0, "condition "+c.Name+" could not be evaluated")
	}
}

// reason says what a finding comes to, and why it is more than it scores.
func (h *hearing) reason(f guard.Finding) string {
	if l, ok := h.liftOf(f); ok {
		return fmt.Sprintf("%s: %s scores %.2f, and %.2f beside %s", f.Category, f.Rule, score(f), h.score(f), l.by)
	}
	return fmt.Sprintf("%s: %s scores %.2f", f.Category, f.Rule, score(f))
}

// settle returns what one finding asks for. What cannot be taken out of the text
// cannot be sanitised, so the line is a BLOCK then.
func (p *policy) settle(h *hearing, f guard.Finding) guard.Decision {
	if f.Weak || f.Category >= guard.Neutral {
		return guard.Allow
	}
	d := h.rules.linesFor(f).decide(h.score(f))
	if h.strip && replaceable(f.Category) {
		d = min(d, guard.Sanitize)
	}
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

// tokenLimit returns the finding that the text has too many tokens. It does not say
// how many: counting may have stopped.
func (p *policy) tokenLimit(rules *rules, r guard.Report) (guard.Finding, bool) {
	limit := rules.tokenLimit(r.Meta)
	if n, ok := r.Tokens(); !ok || n <= limit {
		return guard.Finding{}, false
	}
	return guard.Finding{
		Check:    tokensCheck,
		Rule:     "tokens.limit",
		Category: guard.TokenLimit,
		Severity: guard.Medium,
		Score:    1,
		Message:  fmt.Sprintf("more than %d tokens", limit),
	}, true
}
