package policy

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/portcullis-ai/portcullis/guard"
)

// TestDescribe: what people are shown is what the policy decides by.
func TestDescribe(t *testing.T) {
	files := fstest.MapFS{"own.yaml": {Data: []byte(`
description: For mails.
extends: balanced
on_failure: review
allow: {rules: [pii.phone]}
conditions: [{name: bulk, when: count("secret") >= 2, then: block}]
overrides:
  - {origins: [document], directions: [input], limits: {tokens: {max: 9}}, allow: {texts: ["` + abc + `"]}}`)}}
	env := testEnv(map[string]Model{"classifier": toxicBert})
	d, err := Describe(files, "own.yaml", env)
	if err != nil {
		t.Fatal(err)
	}
	p, err := LoadFile(files, "own.yaml", env)
	if err != nil || d.Digest != p.Digest() || d.Name != "own" || d.Text != "For mails." || d.Extends != "balanced" || d.OnFailure != guard.Review {
		t.Errorf("%+v, %v", d, err)
	}
	if !slices.Equal(d.Conditions, []Condition{{"bulk", `count("secret") >= 2`, guard.Block}}) {
		t.Errorf("conditions %+v", d.Conditions)
	}
	targets, document := 0, View{}
	for _, v := range d.Views {
		targets += len(v.For)
		if slices.Contains(v.For, Target{guard.Input, guard.OriginDocument}) {
			document = v
		}
	}
	if len(d.Views) != 3 || targets != 10 || len(document.For) != 1 || document.Tokens != 9 || !slices.Equal(document.Texts, []string{abc}) || !slices.Equal(document.Rules, []string{"pii.phone"}) {
		t.Errorf("%d views of %d targets; documents: %+v", len(d.Views), targets, document)
	}
	label := slices.IndexFunc(document.Categories, func(l Lines) bool { return l.Name == "toxic-bert/injection" })
	if label < 1 || document.Categories[label] != (Lines{Name: "toxic-bert/injection", Label: true, Block: 0.85, Review: 0.45}) || document.Categories[label-1].Name != "prompt_injection" {
		t.Errorf("categories %+v", document.Categories)
	}
	article, err := Describe(Builtin(), "article.yaml", env)
	if err != nil || article.Engine != "article" || article.Digest != "sha256:fake" || len(article.Plan.Checks) != 1 || article.Views != nil {
		t.Errorf("%+v, %v", article, err)
	}
}

// A label has lines for the texts that it speaks of, though the file gives them for all.
func TestLabelsHaveLinesWhereTheySpeak(t *testing.T) {
	some := toxicBert
	some.From = map[string]guard.Origins{"injection": guard.OriginsOf(guard.OriginTool, guard.OriginModel)}
	d, err := Describe(Builtin(), "balanced.yaml", testEnv(map[string]Model{"classifier": some}))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range d.Views {
		for _, target := range v.For {
			for label, want := range map[string]bool{
				"toxic-bert/injection": target.Origin == guard.OriginTool || target.Origin == guard.OriginModel, "toxic-bert/toxic": true,
			} {
				if got := slices.ContainsFunc(v.Categories, func(l Lines) bool { return l.Name == label }); got != want {
					t.Errorf("%s has lines for %s: %v", label, target.Origin, got)
				}
			}
		}
	}
}

// A file that knows one label decides by its lines on the other one that it was parted
// into, unless its category has lines.
func TestLabelsThatWerePartedKeepTheirLines(t *testing.T) {
	parted := Model{Name: "m", Labels: map[string]guard.Category{"said": guard.PromptInjection, "planted": guard.PromptInjection}}
	parted.From = map[string]guard.Origins{"said": guard.OriginsOf(guard.OriginUser), "planted": guard.OriginsOf(guard.OriginDocument)}
	for categories, want := range map[string]guard.Decision{
		"{prompt_injection: {labels: {said: {block: 0.6}}}}":                         guard.Block,
		"{prompt_injection: {block: 0.9, labels: {said: {block: 0.6}}}}":             guard.Allow,
		"{prompt_injection: {labels: {said: {block: 0.6}, planted: {review: 0.5}}}}": guard.Review,
	} {
		file := fstest.MapFS{"own.yaml": {Data: []byte("checks: [tokens, models]\ncategories: " + categories)}}
		all, err := Load(file, testEnv(map[string]Model{"classifier": parted}))
		if err != nil {
			t.Fatal(err)
		}
		r := finished(guard.Finding{Rule: "m/planted", Category: guard.PromptInjection, Score: 0.7})
		r.Meta.Origin = guard.OriginDocument
		if v := all[0].Decide(r); v.Decision != want {
			t.Errorf("%s: %s, want %s", categories, v.Decision, want)
		}
	}
}
