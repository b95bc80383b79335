package policy

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/portcullis-ai/portcullis/guard"
)

// withConditions is balanced with these conditions.
func withConditions(t *testing.T, conditions string) guard.Policy {
	t.Helper()
	return parsePolicy(t, "extends: balanced\nconditions:\n"+conditions)
}

func TestConditions(t *testing.T) {
	p := withConditions(t, `
  - {name: bulk, when: count("sensitive_data") >= 3, then: block}
  - {name: leak, when: direction == "output" && worst("secret") > 0, then: block}
  - {name: unsure, when: score("toxic") + score("insult") >= 1 && origin != "system", then: review}
  - {name: long-mail, when: origin == "document" && tokens() > 2000, then: review}
  - {name: hospital, when: annotation("ward") != "", then: sanitize}
  - {name: risky, when: risk() >= 0.9, then: review}
  - {name: rule, when: found("injection.x"), then: review}`)
	email := func(score float64) guard.Finding { return rule("pii.email", guard.SensitiveData, score) }
	scored := func(label string, score float64) func(*guard.Report) {
		return func(r *guard.Report) {
			r.Checks[0].Scores = append(r.Checks[0].Scores, guard.LabelScore{Model: "toxic-bert", Label: label, Score: score})
		}
	}
	planted := func(o guard.Origin) func(*guard.Report) {
		of := guard.LabelScore{Model: "toxic-bert", Label: "insult", From: guard.OriginsOf(guard.OriginTool, guard.OriginDocument), Score: 1}
		return func(r *guard.Report) { r.Checks[0].Scores, r.Meta.Origin = append(r.Checks[0].Scores, of), o }
	}
	ward := func(r *guard.Report) { r.Meta.Labels = map[string]string{"ward": "7"} }
	for name, c := range map[string]struct {
		findings []guard.Finding
		change   func(r *guard.Report)
		want     guard.Decision
		rule     string
	}{
		"two addresses":            {[]guard.Finding{email(0.9), email(0.9)}, nil, guard.Sanitize, ""},
		"three":                    {[]guard.Finding{email(0.9), email(0.9), email(0.2)}, nil, guard.Block, "condition.bulk"},
		"a secret comes in":        {[]guard.Finding{rule("secret.aws", guard.Secret, 0.4)}, nil, guard.Allow, ""},
		"a secret goes out":        {[]guard.Finding{rule("secret.aws", guard.Secret, 0.4)}, func(r *guard.Report) { r.Meta.Direction = guard.Output }, guard.Block, "condition.leak"},
		"two labels":               {[]guard.Finding{modelSays("toxic", 0.5), modelSays("insult", 0.5)}, nil, guard.Review, "condition.unsure"},
		"one label of two":         {[]guard.Finding{modelSays("toxic", 0.5)}, nil, guard.Allow, ""},
		"scores below findings":    {[]guard.Finding{modelSays("toxic", 0.65)}, func(r *guard.Report) { scored("insult", 0.35)(r); scored("toxic", 0.1)(r) }, guard.Review, "condition.unsure"},
		"a label of documents":     {nil, planted(guard.OriginDocument), guard.Review, "condition.unsure"},
		"not of a user's text":     {nil, planted(guard.OriginUser), guard.Allow, ""},
		"of the system":            {[]guard.Finding{modelSays("toxic", 0.5), modelSays("insult", 0.5)}, func(r *guard.Report) { r.Meta.Origin = guard.OriginSystem }, guard.Allow, ""},
		"a long mail":              {nil, func(r *guard.Report) { n := 2001; r.Checks[2].Tokens, r.Meta.Origin = &n, guard.OriginDocument }, guard.Review, "condition.long-mail"},
		"a doubtful address":       {[]guard.Finding{email(0.2)}, nil, guard.Allow, ""},
		"in the ward":              {[]guard.Finding{email(0.2)}, ward, guard.Sanitize, ""},
		"in the ward, nothing":     {nil, ward, guard.Allow, ""},
		"in the ward, no place":    {[]guard.Finding{{Rule: "pii.email", Category: guard.SensitiveData, Score: 0.2}}, ward, guard.Block, ""},
		"in the ward, other":       {[]guard.Finding{modelSays("toxic", 0.2)}, ward, guard.Allow, ""},
		"risky":                    {[]guard.Finding{modelSays("toxic", 0.69), modelSays("injection", 0.59), rule("hidden", guard.Obfuscation, 0.79)}, nil, guard.Review, "condition.risky"},
		"a rule below its line":    {[]guard.Finding{rule("injection.x", guard.PromptInjection, 0.3)}, nil, guard.Review, "condition.rule"},
		"the line is stricter yet": {[]guard.Finding{rule("injection.x", guard.PromptInjection, 0.85)}, nil, guard.Block, "condition.rule"},
	} {
		r := finished(c.findings...)
		if c.change != nil {
			c.change(&r)
		}
		v := p.Decide(r)
		rules := ""
		for _, f := range v.Findings {
			if f.Check == "policy" {
				rules += f.Rule
			}
		}
		if v.Decision != c.want || rules != c.rule {
			t.Errorf("%s: %s with %q, want %s with %q", name, v.Decision, rules, c.want, c.rule)
		}
	}
}

// TestSanitizeCondition takes out what is below the line while the condition holds.
func TestSanitizeCondition(t *testing.T) {
	p := withConditions(t, `  - {name: gdpr, when: annotation("law") == "gdpr", then: sanitize}`)
	f := rule("pii.email", guard.SensitiveData, 0.2)
	f.Span = &guard.Span{Start: 4, End: 7}
	r := finished(f)
	if clean, err := p.Sanitize("ask a@b now", r); err != nil || clean.Text != "ask a@b now" {
		t.Errorf("without it: %q, %v", clean.Text, err)
	}
	r.Meta.Labels = map[string]string{"law": "gdpr"}
	if clean, err := p.Sanitize("ask a@b now", r); err != nil || clean.Text != "ask [EMAIL] now" {
		t.Errorf("with it: %q, %v", clean.Text, err)
	}
}

// TestConditionThatCannotBeEvaluated is as if it held, and as a failed check.
func TestConditionThatCannotBeEvaluated(t *testing.T) {
	for _, c := range []struct{ onFailure, then, want guard.Decision }{
		{guard.Block, guard.Review, guard.Block},
		{guard.Review, guard.Block, guard.Block},
		{guard.Review, guard.Sanitize, guard.Review},
		{guard.Review, guard.Review, guard.Review},
	} {
		j := judgement{decision: guard.Allow}
		(&policy{onFailure: c.onFailure}).rule(&hearing{failed: []ruling{{Name: "x", Then: c.then}}}, &j)
		if j.decision != c.want || !slices.Equal(j.reasons(), []string{"condition x could not be evaluated"}) {
			t.Errorf("%+v: %s, %q", c, j.decision, j.reasons())
		}
	}
}

// TestConditionsAreInherited: those of the base hold too, but for one of the same name.
func TestConditionsAreInherited(t *testing.T) {
	files := fstest.MapFS{
		"base.yaml": {Data: []byte(`
checks: [tokens]
conditions: [{name: a, when: 'origin == "tool"', then: block}, {name: b, when: 'origin == "document"', then: block}]`)},
		"own.yaml": {Data: []byte(`
extends: base
conditions: [{name: b, when: 'origin == "document"', then: review}, {name: c, when: 'origin == "user"', then: review}]`)},
	}
	all, err := Load(files, testEnv(nil))
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[guard.Origin]guard.Decision{
		guard.OriginTool: guard.Block, guard.OriginDocument: guard.Review, guard.OriginUser: guard.Review, guard.OriginModel: guard.Allow,
	} {
		r := finished()
		r.Meta.Origin = origin
		if v := all[1].Decide(r); v.Decision != want {
			t.Errorf("%s: %s, want %s", origin, v.Decision, want)
		}
	}
	if strings.Compare(all[0].Digest(), all[1].Digest()) == 0 {
		t.Error("the digest does not know them")
	}
}
