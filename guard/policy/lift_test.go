package policy

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/portcullis-ai/portcullis/guard"
)

func planted(id string, score float64, weak bool) guard.Finding {
	return guard.Finding{Rule: "planted." + id, Category: guard.PromptInjection, Score: score, Weak: weak, Span: &guard.Span{Start: 10, End: 30}}
}

func at(f guard.Finding, start, end int) guard.Finding {
	f.Span = &guard.Span{Start: start, End: end}
	return f
}

// TestPlanted: a task that a document sets lifts what a model says of it, and holds the
// text if it names a machine.
func TestPlanted(t *testing.T) {
	classifier := map[string]Model{"classifier": toxicBert}
	balanced, strict := builtin(t, "balanced", classifier), builtin(t, "strict", classifier)
	plain, other, named := planted("a", 0.25, true), planted("b", 0.25, true), planted("b", 0.5, false)
	for name, c := range map[string]struct {
		policy   guard.Policy
		origin   guard.Origin
		findings []guard.Finding
		want     guard.Decision
		risk     float64
	}{
		"plain":                          {balanced, guard.OriginDocument, []guard.Finding{plain}, guard.Allow, 0.25},
		"several plain ones":             {balanced, guard.OriginDocument, []guard.Finding{plain, other}, guard.Allow, 0.4375},
		"plain, and some doubt":          {balanced, guard.OriginDocument, []guard.Finding{plain, modelSays("injection", 0.27)}, guard.Review, 0.4525},
		"plain, and too little doubt":    {balanced, guard.OriginTool, []guard.Finding{plain, modelSays("injection", 0.26)}, guard.Allow, 0.445},
		"two lift no further than one":   {balanced, guard.OriginTool, []guard.Finding{plain, other, modelSays("injection", 0.1)}, guard.Allow, 0.4375},
		"plain, and the model is sure":   {balanced, guard.OriginTool, []guard.Finding{plain, modelSays("injection", 0.8)}, guard.Block, 0.85},
		"the doubt is about other words": {balanced, guard.OriginTool, []guard.Finding{plain, at(modelSays("injection", 0.4), 30, 60)}, guard.Allow, 0.4},
		"the doubt is about these too":   {balanced, guard.OriginTool, []guard.Finding{plain, at(modelSays("injection", 0.4), 29, 60)}, guard.Review, 0.55},
		"another label":                  {balanced, guard.OriginTool, []guard.Finding{plain, modelSays("toxic", 0.6)}, guard.Allow, 1 - 0.75*0.4},
		"rules are not lifted":           {balanced, guard.OriginTool, []guard.Finding{plain, rule("injection.x", guard.PromptInjection, 0.79)}, guard.Allow, 0.79},
		"other weak rules lift nothing":  {balanced, guard.OriginTool, []guard.Finding{weak("a", 0.25), modelSays("injection", 0.4)}, guard.Allow, 0.4},
		"a machine is named":             {balanced, guard.OriginDocument, []guard.Finding{named}, guard.Review, 0.5},
		"strict, plain, and some doubt":  {strict, guard.OriginDocument, []guard.Finding{plain, modelSays("injection", 0.15)}, guard.Review, 0.3625},
		"strict: a machine is named":     {strict, guard.OriginDocument, []guard.Finding{named}, guard.Review, 0.5},
		"weak and without a category":    {balanced, guard.OriginTool, []guard.Finding{{Rule: "planted.a", Category: 99, Weak: true, Score: 1}}, guard.Allow, 0},
		"of a model, without a category": {balanced, guard.OriginTool, []guard.Finding{{Rule: "m/label", Category: 99, Score: 1}}, guard.Allow, 0},
		"no number is as bad as can be":  {balanced, guard.OriginTool, []guard.Finding{planted("a", math.NaN(), true), modelSays("injection", 0.1)}, guard.Block, 1},
	} {
		r := finished(c.findings...)
		r.Meta.Origin = c.origin
		if v := c.policy.Decide(r); v.Decision != c.want || math.Abs(v.Risk-c.risk) > 1e-12 {
			t.Errorf("%s: %s with risk %v, want %s with %v", name, v.Decision, v.Risk, c.want, c.risk)
		}
	}
}

func TestLiftIsTold(t *testing.T) {
	p := builtin(t, "balanced", map[string]Model{"classifier": toxicBert})
	r := finished(planted("b", 0.25, true), planted("a", 0.25, true), modelSays("injection", 0.3))
	r.Meta.Origin = guard.OriginTool
	const want = "prompt_injection: toxic-bert/injection scores 0.30, and 0.48 beside planted.a"
	if v := p.Decide(r); len(v.Reasons) != 1 || v.Reasons[0] != want {
		t.Errorf("reasons are %q", v.Reasons)
	}
}

// TestLinesOfRules: the closest key wins, and what has no key of its own has its
// category's lines.
func TestLinesOfRules(t *testing.T) {
	p := parsePolicy(t, `
extends: balanced
categories:
  prompt_injection:
    rules: {injection.x: {review: 0.5}, planted.*: {review: 0.3}, planted.b: {block: 0.3}}
overrides: [{origins: [document], categories: {prompt_injection: {rules: {injection.x: {block: 0.6}}}}}]`)
	for _, c := range []struct {
		origin guard.Origin
		f      guard.Finding
		want   guard.Decision
	}{
		{guard.OriginUser, rule("injection.x", guard.PromptInjection, 0.9), guard.Review},
		{guard.OriginUser, rule("injection.y", guard.PromptInjection, 0.9), guard.Block},
		{guard.OriginUser, rule("injection.x", guard.Toxicity, 0.95), guard.Block}, // the key is of another category
		{guard.OriginDocument, rule("injection.x", guard.PromptInjection, 0.6), guard.Block},
		{guard.OriginDocument, planted("a", 0.44, false), guard.Allow}, // an override comes later
		{guard.OriginDocument, planted("b", 0.3, false), guard.Block},  // and says nothing of this one
	} {
		r := finished(c.f)
		r.Meta.Origin = c.origin
		if v := p.Decide(r); v.Decision != c.want {
			t.Errorf("%s from %s: %s, want %s", c.f.Rule, c.origin, v.Decision, c.want)
		}
	}
}

func TestKeysOfRulesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"categories: {prompt_injection: {rules: {injection.y: {block: 0.5}}}}":  `categories.prompt_injection.rules.no loaded rule is named "injection.y"`,
		"categories: {prompt_injection: {rules: {injection.x: {block: 7}}}}":    "categories.prompt_injection.rules.injection.x.block: 7 is not between",
		"categories: {prompt_injection: {rules: {planted.*: {sanitize: 0.5}}}}": "rules.planted.*.sanitize: only sensitive_data and secret",
		"categories: {prompt_injection: {lifted_by: [phone]}}":                  `lifted_by: no loaded rule is named "phone" (is it pii.phone?)`,
		"categories: {prompt_injection: {lifted_by: [toxic-bert/injection]}}":   `no loaded rule is named "toxic-bert/injection"`,
		"categories: {prompt_injection: {lifted_by: [planted.*, none.*]}}":      "",
		"categories: {secret: {lifted_by: [planted.*]}}":                        "categories.secret.lifted_by: what has a placeholder",
		"allow: {rules: [none.*, planted.*]}":                                   "",
	} {
		_, err := Load(fstest.MapFS{"own.yaml": {Data: []byte("extends: balanced\n" + text)}}, testEnv(map[string]Model{"classifier": toxicBert}))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
