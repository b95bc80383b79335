package policy

import (
	"fmt"

	"github.com/portcullis-ai/portcullis/guard"
	expression "github.com/portcullis-ai/portcullis/guard/policy/condition"
)

// hearing is what a policy makes of a report before it decides. Deciding and
// sanitising stand on the same one.
type hearing struct {
	rules  *rules
	report guard.Report // what counts of it
	listed bool         // the text is on the allow-list
	lifts  [categories][]lift
	tally  tally
	limit  guard.Finding // that the text has too many tokens
	over   bool          // it has
	risk   float64
	held   []ruling // conditions that hold
	failed []ruling // conditions that could not be evaluated
	strip  bool     // one that holds asks to take out whatever can be taken out
}

func (p *policy) hear(r guard.Report) hearing {
	h := hearing{rules: p.rulesFor(r.Meta)}
	h.report, h.listed = h.rules.heed(r)
	h.lifts = h.rules.liftsIn(h.report)
	for _, c := range h.report.Checks {
		for _, f := range c.Findings {
			h.tally.add(f, h.score(f))
		}
	}
	harmless := h.tally.harmless(h.rules)
	if h.limit, h.over = p.tokenLimit(h.rules, r); h.over {
		harmless *= 1 - p.tokensWeight
	}
	h.risk = 1 - harmless
	h.ask(p.rulings)
	return h
}

// ask evaluates the conditions. It gives them a copy of the tally, or each hearing would
// be an allocation, also of policies without any.
func (h *hearing) ask(rulings []ruling) {
	if len(rulings) == 0 {
		return
	}
	meta, tally := h.report.Meta, h.tally
	q := expression.Request{Direction: meta.Direction.String(), Origin: meta.Origin.String(), Annotations: meta.Labels}
	m := measured{h.report, &tally, h.rules, h.risk}
	for _, c := range rulings {
		holds, err := c.when.Holds(q, m)
		switch {
		case err != nil:
			h.failed = append(h.failed, c)
		case holds && c.Then == guard.Sanitize:
			h.strip = true
		case holds:
			h.held = append(h.held, c)
		}
	}
}

// finding tells the caller that a condition holds.
func (r ruling) finding() guard.Finding {
	severity := guard.High
	if r.Then == guard.Review {
		severity = guard.Medium
	}
	return guard.Finding{
		Check:    policyCheck,
		Rule:     "condition." + r.Name,
		Category: guard.Other,
		Severity: severity,
		Score:    1,
		Message:  fmt.Sprintf("a condition of the policy asks for %s", r.Then),
	}
}
