package policy

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// finished is a report in which the checks of the usual service ended, with these
// findings among them.
func finished(findings ...guard.Finding) guard.Report {
	n := 10
	r := guard.Report{Checks: []guard.CheckReport{
		{Check: "classifier", State: guard.Completed, Inspection: guard.Inspection{Coverage: 1}},
		{Check: "pattern", State: guard.Completed, Inspection: guard.Inspection{Coverage: 1}},
		{Check: "tokens", State: guard.Completed, Inspection: guard.Inspection{Coverage: 1, Tokens: &n}},
	}}
	for _, f := range findings {
		i := 1
		if strings.HasPrefix(f.Rule, "toxic-bert/") {
			i = 0
		}
		f.Check = r.Checks[i].Check
		r.Checks[i].Findings = append(r.Checks[i].Findings, f)
	}
	return r
}

func modelSays(name string, score float64) guard.Finding {
	return guard.Finding{Rule: "toxic-bert/" + name, Category: toxicBert.Labels[name], Score: score}
}

func rule(id string, c guard.Category, score float64) guard.Finding {
	return guard.Finding{Rule: id, Category: c, Score: score, Span: &guard.Span{Start: 0, End: 3}}
}

func weak(id string, score float64) guard.Finding {
	return guard.Finding{Rule: id, Category: guard.PromptInjection, Score: score, Weak: true}
}

func TestDecide(t *testing.T) {
	classifier := map[string]Model{"classifier": toxicBert}
	balanced, strict := builtin(t, "balanced", classifier), builtin(t, "strict", classifier)
	tool := guard.Meta{Origin: guard.OriginTool}
	for name, c := range map[string]struct {
		policy   guard.Policy
		meta     guard.Meta
		findings []guard.Finding
		want     guard.Decision
		risk     float64
	}{
		"nothing":                       {balanced, guard.Meta{}, nil, guard.Allow, 0},
		"one clear phrase":              {balanced, guard.Meta{}, []guard.Finding{rule("injection.x", guard.PromptInjection, 0.9)}, guard.Block, 0.9},
		"the model alone":               {balanced, guard.Meta{}, []guard.Finding{modelSays("injection", 0.95)}, guard.Block, 0.95},
		"a rule at its category's line": {balanced, guard.Meta{}, []guard.Finding{rule("injection.x", guard.PromptInjection, 0.8)}, guard.Block, 0.8},
		"the model about a tool's text": {balanced, tool, []guard.Finding{modelSays("injection", 0.85)}, guard.Block, 0.85},
		"held for a person":             {balanced, guard.Meta{}, []guard.Finding{modelSays("injection", 0.8499)}, guard.Review, 0.8499},
		"held, from a tool":             {balanced, tool, []guard.Finding{modelSays("injection", 0.5)}, guard.Review, 0.5},
		"below the line":                {balanced, guard.Meta{}, []guard.Finding{modelSays("injection", 0.4999)}, guard.Allow, 0.4999},
		"strict has a lower line":       {strict, guard.Meta{}, []guard.Finding{modelSays("injection", 0.7)}, guard.Block, 0.7},
		"lower still for tools":         {strict, tool, []guard.Finding{modelSays("injection", 0.5)}, guard.Block, 0.5},
		"not for users":                 {strict, guard.Meta{}, []guard.Finding{modelSays("injection", 0.35)}, guard.Allow, 0.35},
		"a label's own line":            {balanced, guard.Meta{}, []guard.Finding{modelSays("severe_toxic", 0.5)}, guard.Block, 0.5},
		"another label's line":          {balanced, guard.Meta{}, []guard.Finding{modelSays("toxic", 0.6)}, guard.Allow, 0.6},
		"a label to review":             {balanced, guard.Meta{}, []guard.Finding{modelSays("obscene", 0.99)}, guard.Review, 0.99},
		"a rule, no label":              {balanced, guard.Meta{}, []guard.Finding{rule("toxic.x", guard.Toxicity, 0.9)}, guard.Block, 0.9},
		"worst of a category":           {balanced, guard.Meta{}, []guard.Finding{modelSays("toxic", 0.4), modelSays("insult", 0.6)}, guard.Allow, 0.6},
		"categories together":           {balanced, guard.Meta{}, []guard.Finding{modelSays("toxic", 0.5), modelSays("injection", 0.4)}, guard.Allow, 0.7},
		"an address":                    {balanced, guard.Meta{}, []guard.Finding{rule("pii.email", guard.SensitiveData, 0.9)}, guard.Sanitize, 0.27},
		"an address and an attack":      {balanced, guard.Meta{}, []guard.Finding{rule("pii.email", guard.SensitiveData, 0.9), modelSays("injection", 0.95)}, guard.Block, 1 - 0.05*0.73},
		"no place to cut":               {balanced, guard.Meta{}, []guard.Finding{{Rule: "pii.email", Category: guard.SensitiveData, Score: 0.9}}, guard.Block, 0.27},
		"no placeholder":                {balanced, guard.Meta{}, []guard.Finding{rule("pii.own", guard.SensitiveData, 0.9)}, guard.Block, 0.27},
		"hidden characters":             {balanced, guard.Meta{}, []guard.Finding{rule("hidden.x", guard.Obfuscation, 0.7)}, guard.Allow, 0.21},
		"a hidden text":                 {balanced, guard.Meta{}, []guard.Finding{rule("hidden.x", guard.Obfuscation, 0.9)}, guard.Block, 0.27},
		"one weak sign":                 {balanced, guard.Meta{}, []guard.Finding{weak("a", 0.4)}, guard.Allow, 0.4},
		"one weak sign, twice":          {balanced, guard.Meta{}, []guard.Finding{weak("a", 0.4), weak("a", 0.3)}, guard.Allow, 0.4},
		"two weak signs":                {balanced, guard.Meta{}, []guard.Finding{weak("a", 0.25), weak("b", 0.25)}, guard.Allow, 0.4375},
		"weak signs never decide":       {balanced, guard.Meta{}, []guard.Finding{weak("a", 0.9), weak("b", 0.9), weak("c", 1)}, guard.Allow, 0.5},
		"nor below another origin's":    {strict, tool, []guard.Finding{weak("a", 0.9)}, guard.Allow, 0.35},
		"no number":                     {balanced, guard.Meta{}, []guard.Finding{modelSays("toxic", math.NaN())}, guard.Block, 1},
		"beyond one":                    {balanced, guard.Meta{}, []guard.Finding{modelSays("toxic", 7)}, guard.Block, 1},
		"unknown meta":                  {balanced, guard.Meta{Direction: 9, Origin: 99}, []guard.Finding{modelSays("toxic", 0.9)}, guard.Block, 0.9},
	} {
		r := finished(c.findings...)
		r.Meta = c.meta
		v := c.policy.Decide(r)
		if v.Decision != c.want || math.Abs(v.Risk-c.risk) > 1e-12 {
			t.Errorf("%s: %s with risk %v, want %s with %v", name, v.Decision, v.Risk, c.want, c.risk)
		}
		if (len(v.Reasons) == 0) != (v.Decision == guard.Allow) {
			t.Errorf("%s: %s because %q", name, v.Decision, v.Reasons)
		}
	}
}

func TestComposite(t *testing.T) {
	p := builtin(t, "balanced", map[string]Model{"classifier": toxicBert})
	v := p.Decide(finished(weak("a", 0.25), weak("b", 0.25)))
	if len(v.Findings) != 1 || v.Findings[0].Rule != "composite.prompt_injection" || v.Findings[0].Score != 0.4375 || !v.Findings[0].Weak || v.Findings[0].Check != "pattern" {
		t.Errorf("two weak signs make %+v", v.Findings)
	}
	if v := p.Decide(finished(weak("a", 0.5), weak("a", 0.5))); len(v.Findings) != 0 {
		t.Errorf("one rule makes a composite: %+v", v.Findings)
	}
}

func TestTokenLimit(t *testing.T) {
	own := parsePolicy(t, "extends: balanced\nlimits: {tokens: {max: 100, action: review, weight: 0.5}}\noverrides: [{origins: [document], limits: {tokens: {max: 1000}}}]")
	balanced := builtin(t, "balanced", map[string]Model{"classifier": toxicBert})
	for _, c := range []struct {
		policy  guard.Policy
		tokens  int
		request int
		origin  guard.Origin
		want    guard.Decision
	}{
		{balanced, 4000, 0, guard.OriginUser, guard.Allow},
		{balanced, 4001, 0, guard.OriginUser, guard.Block},
		{balanced, 4001, 9000, guard.OriginUser, guard.Block},
		{balanced, 11, 10, guard.OriginUser, guard.Block},
		{own, 101, 0, guard.OriginUser, guard.Review},
		{own, 101, 0, guard.OriginDocument, guard.Allow},
		{own, 1001, 0, guard.OriginDocument, guard.Review},
	} {
		r := finished()
		r.Checks[2].Tokens = &c.tokens
		r.Meta = guard.Meta{TokenLimit: c.request, Origin: c.origin}
		v := c.policy.Decide(r)
		if v.Decision != c.want || (len(v.Findings) == 1) != (c.want != guard.Allow) || (v.Risk > 0) != (c.want != guard.Allow) {
			t.Errorf("%d tokens from %s, request's limit %d: %+v, want %s", c.tokens, c.origin, c.request, v, c.want)
		}
		if c.want != guard.Allow && (v.Findings[0].Rule != "tokens.limit" || v.Findings[0].Check != "tokens") {
			t.Errorf("the finding is %+v", v.Findings[0])
		}
	}
	if first := own.Plan(guard.Meta{}).First; first != nil {
		t.Errorf("a limit that only asks for review runs %v first", first)
	}
}

func TestUnfinishedChecks(t *testing.T) {
	classifier := map[string]Model{"classifier": toxicBert}
	block, review := builtin(t, "balanced", classifier), parsePolicy(t, "extends: balanced\non_failure: review")
	for name, c := range map[string]struct {
		state         guard.CheckState
		coverage      float64
		block, review guard.Decision
	}{
		"completed":      {guard.Completed, 1, guard.Allow, guard.Allow},
		"pending":        {guard.Pending, 0, guard.Allow, guard.Allow},
		"failed":         {guard.Failed, 0, guard.Block, guard.Review},
		"timed out":      {guard.TimedOut, 0.9, guard.Block, guard.Review},
		"partial":        {guard.Completed, 0.9, guard.Block, guard.Review},
		"cut short":      {guard.CutShort, 0, guard.Block, guard.Block},
		"not applicable": {guard.NotApplicable, 0, guard.Block, guard.Block},
	} {
		for i := range 3 {
			r := finished()
			r.Checks[i].State, r.Checks[i].Coverage = c.state, c.coverage
			got, gotReview := block.Decide(r), review.Decide(r)
			if got.Decision != c.block || gotReview.Decision != c.review {
				t.Errorf("%s %s: %s and %s, want %s and %s", r.Checks[i].Check, name, got.Decision, gotReview.Decision, c.block, c.review)
			}
			if c.block != guard.Allow && got.Reasons[0] != "check "+r.Checks[i].Check+" did not finish" {
				t.Errorf("%s %s: reasons are %q", r.Checks[i].Check, name, got.Reasons)
			}
		}
	}
	if v := review.Decide(guard.Report{}); v.Decision != guard.Block {
		t.Errorf("an empty report: %s, want BLOCK", v.Decision)
	}
}

func TestReasonsAreFewAndStrictestFirst(t *testing.T) {
	p := builtin(t, "balanced", map[string]Model{"classifier": toxicBert})
	findings := []guard.Finding{modelSays("obscene", 1), modelSays("toxic", 0.95), rule("injection.x", guard.PromptInjection, 0.99)}
	for i := range 100 {
		findings = append(findings, rule("pii.email", guard.SensitiveData, 0.5+float64(i)/1000))
	}
	reasons := p.Decide(finished(findings...)).Reasons
	want := []string{"prompt_injection: injection.x scores 0.99", "toxicity: toxic-bert/toxic scores 0.95", "toxicity: toxic-bert/obscene scores 1.00"}
	if len(reasons) != maxReasons || !slices.Equal(reasons[:3], want) {
		t.Errorf("reasons are %q", reasons)
	}
}

// A line for model/label is meant more closely than one for the label, whichever
// of the names comes first in the alphabet.
func TestALabelNamedWithItsModelWins(t *testing.T) {
	for _, key := range []string{"toxic", "insult"} {
		p := parsePolicy(t, "extends: balanced\ncategories: {toxicity: {labels: {toxic-bert/"+key+": {block: 0.15}}}}")
		if v := p.Decide(finished(modelSays(key, 0.2))); v.Decision != guard.Block {
			t.Errorf("%s: %s", key, v.Decision)
		}
	}
}
