package policy

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/portcullis-ai/portcullis/guard"
)

// toxicBert is a model like the bundled one.
var toxicBert = Model{Name: "toxic-bert", Labels: map[string]guard.Category{
	"toxic": guard.Toxicity, "severe_toxic": guard.Toxicity, "obscene": guard.Toxicity, "threat": guard.Toxicity,
	"insult": guard.Toxicity, "identity_hate": guard.Toxicity, "injection": guard.PromptInjection, "safe": guard.Neutral,
}}

// testEnv has the checks of a usual service and an engine that remembers its spec.
func testEnv(models map[string]Model) Env {
	e := Env{
		Checks:       []string{"article", "pattern", "tokens"},
		Rules:        []string{"a", "b", "c", "injection.x", "pii.email", "pii.phone", "planted.a", "planted.b", "secret.aws"},
		Models:       models,
		Placeholders: map[string]string{"pii.email": "[EMAIL]", "pii.phone": "[PHONE]", "secret.aws": "[AWS_KEY]"},
		Engines:      map[string]Engine{"article": func(s Spec) (guard.Policy, error) { return engineFake{spec: s}, nil }},
	}
	for name := range models {
		e.Checks = append(e.Checks, name)
	}
	return e
}

type engineFake struct {
	guard.Policy
	spec Spec
}

func (e engineFake) Name() string               { return e.spec.Name }
func (e engineFake) Digest() string             { return "sha256:fake" }
func (e engineFake) Plan(guard.Meta) guard.Plan { return guard.Plan{Checks: []string{"article"}} }

func builtin(t *testing.T, name string, models map[string]Model) guard.Policy {
	t.Helper()
	all, err := Load(Builtin(), testEnv(models))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(p guard.Policy) bool { return p.Name() == name })
	if i < 0 {
		t.Fatalf("no built-in policy is named %s", name)
	}
	return all[i]
}

// parsePolicy loads one file named own.yaml.
func parsePolicy(t *testing.T, text string) guard.Policy {
	t.Helper()
	all, err := Load(fstest.MapFS{"own.yaml": {Data: []byte(text)}}, testEnv(map[string]Model{"classifier": toxicBert}))
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func TestBuiltinsLoadWithAnyModel(t *testing.T) {
	for what, models := range map[string]map[string]Model{
		"no model":      nil,
		"one":           {"classifier": toxicBert},
		"two alike":     {"a": toxicBert, "b": {Name: "other", Labels: toxicBert.Labels}},
		"other labels":  {"classifier": {Name: "m", Labels: map[string]guard.Category{"LABEL_0": guard.Neutral, "LABEL_1": guard.PromptInjection}}},
		"same, twisted": {"classifier": {Name: "m", Labels: map[string]guard.Category{"threat": guard.PromptInjection}}},
	} {
		all, err := Load(Builtin(), testEnv(models))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		var names []string
		for _, p := range all {
			names = append(names, p.Name())
		}
		if want := []string{"article", "balanced", "monitor", "strict"}; !slices.Equal(names, want) {
			t.Errorf("%s: loaded %v, want %v", what, names, want)
		}
	}
}

func TestBuiltinPlans(t *testing.T) {
	models := map[string]Model{"classifier": toxicBert, "another": toxicBert}
	for _, name := range []string{"balanced", "strict", "monitor"} {
		plan := builtin(t, name, models).Plan(guard.Meta{})
		if want := []string{"another", "classifier", "pattern", "tokens"}; !slices.Equal(plan.Checks, want) {
			t.Errorf("%s runs %v, want %v", name, plan.Checks, want)
		}
		if !slices.Equal(plan.First, []string{"tokens"}) || plan.DetectOnly != (name == "monitor") {
			t.Errorf("%s: plan is %+v", name, plan)
		}
	}
	want := Spec{Name: "article", TokenLimit: 4000, Models: []string{"another", "classifier"}}
	if got := builtin(t, "article", models).(engineFake).spec; got.Name != want.Name || got.TokenLimit != want.TokenLimit || !slices.Equal(got.Models, want.Models) || got.DetectOnly {
		t.Errorf("the article engine got %+v, want %+v", got, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                                                                                             "empty",
		"checks: [tokens]\nblok: 1":                                                                                    "field blok not found",
		"checks: [tokens]\n---\nchecks: ":                                                                              "more than one document",
		"checks: [pattern]":                                                                                            `add "tokens"`,
		"checks: [tokens, patern]":                                                                                     `checks: "patern" is not loaded`,
		"checks: [tokens, article]":                                                                                    "engine: article",
		"engine: rego":                                                                                                 `engine: "rego" is not one of article`,
		"engine: article\nchecks: [tokens]":                                                                            "leave nothing beside it",
		"engine: article\nlimits: {tokens: {max: 0}}":                                                                  "limits.tokens.max: 0 is less than 1",
		"extends: nothing":                                                                                             `extends: there is no policy "nothing"`,
		"extends: monitor":                                                                                             "monitor extends balanced itself",
		"extends: balanced\non_failure: allow":                                                                         `on_failure: "allow" is neither block nor review`,
		"extends: balanced\non_failure: sanitize":                                                                      "on_failure",
		"extends: balanced\nlimits: {tokens: {action: allow}}":                                                         "limits.tokens.action",
		"extends: balanced\nlimits: {tokens: {max: 0}}":                                                                "limits.tokens.max: 0 is less than 1",
		"extends: balanced\nlimits: {tokens: {weight: -1}}":                                                            "limits.tokens.weight",
		"extends: balanced\ncategories: {toxic: {block: 0.5}}":                                                         "categories.toxic: there is no such category",
		"extends: balanced\ncategories: {neutral: {block: 0.5}}":                                                       "categories.neutral",
		"extends: balanced\ncategories: {toxicity: {blokc: 0.5}}":                                                      "field blokc not found",
		"extends: balanced\ncategories: {toxicity: {block: 0.05}}":                                                     "categories.toxicity.block: 0.05 is not between 0.1 and 1",
		"extends: balanced\ncategories: {toxicity: {block: .nan}}":                                                     "categories.toxicity.block: NaN is not",
		"extends: balanced\ncategories: {toxicity: {weight: 2}}":                                                       "categories.toxicity.weight: 2 is not",
		"extends: balanced\ncategories: {toxicity: {review: 0.9}}":                                                     "review: 0.9 is never reached",
		"extends: balanced\ncategories: {toxicity: {sanitize: 0.2}}":                                                   "categories.toxicity.sanitize: only sensitive_data and secret",
		"extends: balanced\ncategories: {secret: {block: 0.4}}":                                                        "sanitize: 0.5 is never reached",
		"extends: balanced\ncategories: {toxicity: {labels: {toxik: {}}}}":                                             "categories.toxicity.labels.toxik: no loaded model has it",
		"extends: balanced\ncategories: {toxicity: {labels: {injection: {}}}}":                                         "categories.toxicity.labels.injection: no loaded model has it under toxicity",
		"extends: balanced\ncategories: {toxicity: {labels: {toxic: {block: 7}}}}":                                     "categories.toxicity.labels.toxic.block: 7 is not",
		"extends: balanced\noverrides: [{origins: [toool]}]":                                                           `overrides[0].origins: "toool" is no origin`,
		"extends: balanced\noverrides: [{directions: [up]}]":                                                           `overrides[0].directions: "up"`,
		"extends: balanced\noverrides: [{limits: {tokens: {action: review}}}]":                                         "only max can be overridden",
		"extends: balanced\noverrides: [{checks: [tokens]}]":                                                           "field checks not found",
		"extends: balanced\noverrides: [{origins: [tool], categories: {secret: {review: 0.5}}}]":                       "(for input from tool)",
		"extends: balanced\nallow: {rules: [pii.mail]}":                                                                `allow.rules: no loaded rule or label is named "pii.mail"`,
		"extends: balanced\nallow: {rules: [toxic]}":                                                                   `named "toxic" (is it toxic-bert/toxic?); findings name theirs, labels are written model/label`,
		"extends: balanced\nallow: {rules: [tokens.limit]}":                                                            "allow.rules",
		"extends: balanced\nallow: {texts: [abc]}":                                                                     `allow.texts: "abc" is not sha256:`,
		"extends: balanced\nallow: [a]":                                                                                "not a policy",
		"extends: balanced\noverrides: [{origins: [tool], allow: {rules: [zz]}}]":                                      "allow.rules: no loaded rule or label is named \"zz\"; findings name theirs, labels are written model/label (for input from tool)",
		"extends: balanced\nconditions: [{when: 'true', then: block}]":                                                 `conditions[0].name: "" is no name`,
		"extends: balanced\nconditions: [{name: x, then: block}]":                                                      "conditions.x.when: it is empty",
		"extends: balanced\nconditions: [{name: x, when: 'true', then: allow}]":                                        "conditions.x.then: write block, review or sanitize",
		"extends: balanced\nconditions: [{name: x, when: 'true'}]":                                                     "conditions.x.then",
		"extends: balanced\nconditions: [{name: x, when: 'true', then: block, else: allow}]":                           "field else not found",
		"extends: balanced\nconditions: [{name: x, when: 'risk() < 0.5', then: block}]":                                "conditions.x.when: column 8: a finding more could make this false (<)",
		"extends: balanced\nconditions: [{name: x, when: 'found(\"pii.mail\")', then: block}]":                         `conditions.x.when: column 7: there is no rule "pii.mail"`,
		"extends: balanced\nconditions: [{name: x, when: 'score(\"safe\") > 0.5', then: block}]":                       `there is no label "safe"`,
		"extends: balanced\nconditions: [{name: x, when: 'worst(\"neutral\") > 0.5', then: block}]":                    `there is no category "neutral"`,
		"extends: balanced\nconditions: [{name: x, when: 'true', then: block}, {name: x, when: 'true', then: review}]": "is taken by another condition",
		"engine: article\nconditions: [{name: x, when: 'true', then: block}]":                                          "leave nothing beside it",
		"engine: article\nallow: {rules: [a]}":                                                                         "leave nothing beside it",
	} {
		_, err := Load(fstest.MapFS{"own.yaml": {Data: []byte(text)}}, testEnv(map[string]Model{"classifier": toxicBert}))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "own.yaml: ") {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

func TestLoadRefusesAmbiguousLabels(t *testing.T) {
	env := testEnv(map[string]Model{"a": {Name: "m", Labels: toxicBert.Labels}, "b": {Name: "n", Labels: toxicBert.Labels}})
	for key, want := range map[string]string{"insult": "any of m/insult, n/insult", "m/insult": ""} {
		text := "checks: [tokens]\ncategories: {toxicity: {labels: {" + key + ": {block: 0.5}}}}"
		_, err := Load(fstest.MapFS{"own.yaml": {Data: []byte(text)}}, env)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("label %s: error %v, want %q", key, err, want)
		}
	}
}

func TestLoadNames(t *testing.T) {
	env := testEnv(nil)
	if _, err := Load(fstest.MapFS{"My Policy.yaml": {Data: []byte("checks: [tokens]")}}, env); err == nil {
		t.Error("a name with a space is taken")
	}
	all, err := Load(fstest.MapFS{"balanced.yaml": {Data: []byte("extends: balanced\ndetect_only: true")}, "notes.txt": {}}, env)
	if err != nil || len(all) != 1 || !all[0].Plan(guard.Meta{}).DetectOnly {
		t.Errorf("a replacement that extends what it replaces: %v, %v", all, err)
	}
	if all, err := Load(fstest.MapFS{}, env); err != nil || len(all) != 0 {
		t.Errorf("an empty folder: %v, %v", all, err)
	}
}

func TestDigest(t *testing.T) {
	text, err := fs.ReadFile(Builtin(), "balanced.yaml")
	if err != nil {
		t.Fatal(err)
	}
	balanced := parsePolicy(t, string(text)).Digest()
	if parsePolicy(t, "# another comment\n"+string(text)).Digest() != balanced {
		t.Error("a comment changes the digest")
	}
	seen := map[string]string{balanced: "balanced"}
	for _, change := range []string{
		"on_failure: review", "detect_only: true", "stop_at_block: true", "checks: [tokens]", "limits: {tokens: {max: 3999}}",
		"limits: {tokens: {action: review}}", "limits: {tokens: {weight: 0.4}}", "categories: {secret: {weight: 0.4}}",
		"categories: {secret: {sanitize: 0.4}}", "categories: {toxicity: {labels: {threat: {block: 0.61}}}}",
		"allow: {rules: [pii.email]}", "allow: {rules: [pii.phone]}", "overrides: [{origins: [tool], allow: {rules: [pii.phone]}}]",
		"allow: {texts: ['sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad']}",
		"conditions: [{name: x, when: risk() >= 0.5, then: block}]", "conditions: [{name: x, when: risk() >= 0.5, then: review}]",
		"conditions: [{name: x, when: risk() > 0.5, then: block}]", "conditions: [{name: y, when: risk() >= 0.5, then: block}]",
		"overrides: [{origins: [tool], categories: {toxicity: {block: 0.8}}}]", "overrides: [{directions: [output], limits: {tokens: {max: 10}}}]",
	} {
		digest := parsePolicy(t, "extends: balanced\n"+change).Digest()
		if other, ok := seen[digest]; ok || !strings.HasPrefix(digest, "sha256:") {
			t.Errorf("%s has the digest of %s: %s", change, other, digest)
		}
		seen[digest] = change
	}
}
