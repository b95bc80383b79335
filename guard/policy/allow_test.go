package policy

import (
	"slices"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

const abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

// TestAllowedRule: what a listed rule found neither decides nor raises the risk, for
// the origins it is listed for, and everything else does as before.
func TestAllowedRule(t *testing.T) {
	p := parsePolicy(t, `
extends: balanced
allow: {rules: [pii.email]}
overrides: [{origins: [document], allow: {rules: [injection.x, toxic-bert/toxic]}}]`)
	injection, email := rule("injection.x", guard.PromptInjection, 0.95), rule("pii.email", guard.SensitiveData, 0.9)
	document := guard.Meta{Origin: guard.OriginDocument}
	for name, c := range map[string]struct {
		meta     guard.Meta
		findings []guard.Finding
		want     guard.Decision
		risky    bool
	}{
		"listed":                          {guard.Meta{}, []guard.Finding{email}, guard.Allow, false},
		"listed, beside another":          {guard.Meta{}, []guard.Finding{email, rule("pii.phone", guard.SensitiveData, 0.9)}, guard.Sanitize, true},
		"listed for documents only":       {guard.Meta{}, []guard.Finding{injection}, guard.Block, true},
		"listed for this":                 {document, []guard.Finding{injection, email}, guard.Allow, false},
		"a label":                         {document, []guard.Finding{modelSays("toxic", 0.99)}, guard.Allow, false},
		"another label":                   {document, []guard.Finding{modelSays("threat", 0.99)}, guard.Block, true},
		"a rule that begins like it":      {document, []guard.Finding{rule("injection.x2", guard.PromptInjection, 0.95)}, guard.Block, true},
		"the limit is not on the list":    {guard.Meta{TokenLimit: 1}, []guard.Finding{email}, guard.Block, true},
		"weak, listed: no part of a pair": {document, []guard.Finding{{Rule: "injection.x", Category: guard.PromptInjection, Score: 0.4, Weak: true}}, guard.Allow, false},
	} {
		r := finished(c.findings...)
		r.Meta = c.meta
		if v := p.Decide(r); v.Decision != c.want || (v.Risk > 0) != c.risky {
			t.Errorf("%s: %+v, want %s", name, v, c.want)
		}
		if n := len(r.Checks[0].Findings) + len(r.Checks[1].Findings); n != len(c.findings) {
			t.Errorf("%s: deciding changed the report: %d findings are left", name, n)
		}
	}
	both := finished(email, rule("pii.phone", guard.SensitiveData, 0.9))
	both.Checks[1].Findings[1].Span = &guard.Span{Start: 4, End: 6}
	if clean, err := p.Sanitize("abc de", both); err != nil || clean.Text != "abc [PHONE]" {
		t.Errorf("sanitised to %q, %v", clean.Text, err)
	}
}

// TestAllowedText: nothing found in a listed text counts. Limits, conditions on the
// request and checks that did not end do.
func TestAllowedText(t *testing.T) {
	p := parsePolicy(t, `
extends: balanced
on_failure: review
allow: {texts: ["`+abc+`"]}
conditions: [{name: red-team, when: 'annotation("team") == "red"', then: block}, {name: risky, when: risk() >= 0.5, then: block}]`)
	attack := []guard.Finding{rule("injection.x", guard.PromptInjection, 0.95), rule("pii.email", guard.SensitiveData, 0.9)}
	listed := func(change func(r *guard.Report)) guard.Report {
		r := finished(attack...)
		r.TextDigest = abc
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		report guard.Report
		want   guard.Decision
	}{
		"listed":             {listed(func(*guard.Report) {}), guard.Allow},
		"another text":       {listed(func(r *guard.Report) { r.TextDigest = "sha256:00" }), guard.Block},
		"nobody counted it":  {listed(func(r *guard.Report) { r.TextDigest = "" }), guard.Block},
		"too long":           {listed(func(r *guard.Report) { r.Meta.TokenLimit = 5 }), guard.Block},
		"a check failed":     {listed(func(r *guard.Report) { r.Checks[0].State = guard.Failed }), guard.Review},
		"a check is missing": {listed(func(r *guard.Report) { r.Checks = r.Checks[1:] }), guard.Block},
		"of a condition":     {listed(func(r *guard.Report) { r.Meta.Labels = map[string]string{"team": "red"} }), guard.Block},
	} {
		if v := p.Decide(c.report); v.Decision != c.want {
			t.Errorf("%s: %s, want %s", name, v.Decision, c.want)
		} else if v.Decision == guard.Allow && !slices.Equal(v.Reasons, []string{"the text is on the allow-list"}) {
			t.Errorf("%s: reasons are %q", name, v.Reasons)
		}
	}
}

// TestDigestIsAskedForWhereAListHasTexts and nowhere else: it costs a hash.
func TestDigestIsAskedForWhereAListHasTexts(t *testing.T) {
	p := parsePolicy(t, "extends: balanced\noverrides: [{origins: [system], allow: {texts: ['"+abc+"']}}]")
	if p.Plan(guard.Meta{}).TextDigest || !p.Plan(guard.Meta{Origin: guard.OriginSystem}).TextDigest {
		t.Error("asked for the wrong texts")
	}
}
