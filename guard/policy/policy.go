package policy

import "github.com/portcullis-ai/portcullis/guard"

// tokensCheck counts what limits.tokens limits.
const tokensCheck = "tokens"

// policyCheck is named by findings that belong to no check.
const policyCheck = "policy"

// policy is a compiled file.
type policy struct {
	name         string
	digest       string
	plan         guard.Plan
	onFailure    guard.Decision
	overTokens   guard.Decision
	tokensWeight float64
	rules        [2][5]*rules // by direction and origin
	rulings      []ruling
	placeholders map[string]string
}

func (p *policy) Name() string   { return p.name }
func (p *policy) Digest() string { return p.digest }

// Plan is the same for all texts but for the digest and the limit: overrides change
// lines, not checks.
func (p *policy) Plan(m guard.Meta) guard.Plan {
	plan := p.plan
	if p.overTokens == guard.Block {
		plan.EnoughTokens = p.rulesFor(m).tokenLimit(m)
	}
	plan.TextDigest = len(p.rulesFor(m).Texts) > 0
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
