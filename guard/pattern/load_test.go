package pattern_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/pattern"
)

const ruleFile = `rules:
  - id: test.rule
    category: prompt_injection
    severity: low
    score: 0.9
    description: a rule
    pattern: |
      foo
        (?:bar|baz)
    hits: [foobar]
    misses: [foo]
`

func load(text string) ([]pattern.Rule, error) {
	rules, err := pattern.Load(fstest.MapFS{"a.yaml": {Data: []byte(text)}, "notes.txt": {Data: []byte("no rules")}})
	if err == nil {
		_, err = pattern.New(rules)
	}
	return rules, err
}

func TestLoad(t *testing.T) {
	t.Parallel()
	rules, err := load(ruleFile)
	if err != nil {
		t.Fatal(err)
	}
	r := rules[0]
	if len(rules) != 1 || !slices.Equal(r.Patterns, []string{"foo(?:bar|baz)"}) || r.View != pattern.Folded || r.Weak || r.Score != 0.9 {
		t.Errorf("%+v", rules)
	}
	weak, err := load(strings.NewReplacer("score: 0.9", "weight: 0.3", "prompt_injection", "secret").Replace(ruleFile))
	if err != nil {
		t.Fatal(err)
	}
	if r := weak[0]; !r.Weak || r.Score != 0.3 || r.View != pattern.Clean || r.Category != guard.Secret {
		t.Errorf("%+v", r)
	}
	if none, err := load("# nothing yet\n"); err != nil || len(none) != 0 {
		t.Errorf("an empty file: %v, %v", none, err)
	}
}

// TestLoadRefuses changes one line of a good file and looks for the fault in the
// error.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	pattern := "pattern: |\n      foo\n        (?:bar|baz)"
	tests := map[string]struct{ old, new, want string }{
		"an unknown key":         {"severity: low", "severity: low\n    colour: red", `a.yaml:5: there is no key "colour"`},
		"an unknown category":    {"prompt_injection", "mischief", `a.yaml:2: rule test.rule: category: there is no "mischief"`},
		"an unknown severity":    {"low", "huge", "severity"},
		"an unknown view":        {"severity: low", "severity: low\n    view: upside-down", "view"},
		"no score":               {"score: 0.9", "", "score"},
		"score and weight":       {"score: 0.9", "score: 0.9\n    weight: 0.2", "score"},
		"too small a score":      {"score: 0.9", "score: 0.01", "0.1"},
		"too big a score":        {"score: 0.9", "score: 1.1", "1"},
		"not a number":           {"score: 0.9", "score: .nan", "score"},
		"a bad id":               {"test.rule", "Test Rule", "id"},
		"no description":         {"description: a rule", "", "description"},
		"no pattern":             {pattern, "", "pattern"},
		"an empty pattern":       {pattern, "pattern: [foobar, '']", "pattern"},
		"a bad pattern":          {pattern, "pattern: 'a('", "pattern"},
		"an unbounded pattern":   {pattern, "pattern: 'foo.*bar'", "no end"},
		"a long pattern":         {pattern, "pattern: '(?:foobar){100}'", "600 bytes"},
		"an empty match":         {pattern, "pattern: '(?:foobar)?'", "empty"},
		"nothing but a place":    {pattern, `pattern: '\b'`, "0 bytes"},
		"two groups":             {pattern, "pattern: '(foo)(bar)'", "one group"},
		"case folding":           {pattern, "pattern: '(?i)foobar'", "(?i)"},
		"an invisible character": {pattern, `pattern: 'foobar|\x{200B}\x{200C}'`, "nothing"},
		"an unknown validator":   {"severity: low", "severity: low\n    validate: horoscope", "none of azure, bidden, card, composed, dictated, email, forged, iban"},
		"a bad placeholder":      {"severity: low", "severity: low\n    placeholder: mail", "placeholder"},
		"no hits":                {"hits: [foobar]", "", "hits"},
		"no misses":              {"misses: [foo]", "", "misses"},
		"a missed hit":           {"hits: [foobar]", "hits: [foobar, foobat]", `rule test.rule: misses its hit "foobat"`},
		"a hit miss":             {"misses: [foo]", "misses: [afoobaz]", `rule test.rule: hits its miss "afoobaz"`},
		"an id taken":            {"rules:", "rules:\n" + strings.TrimPrefix(ruleFile, "rules:\n"), "taken"},
		"no YAML":                {"rules:", "rules", "a.yaml:"},
		"anything first":         {pattern, "pattern: '.foo'", "begin with"},
		"two documents":          {"rules:", "---\nrules: []\n---\nrules:", "one YAML document"},
		"not a list":             {"rules:\n", "rules: 3\n#", "a.yaml:2"},
		"a key twice":            {"severity: low", "severity: low\n    severity: low", "already defined"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(ruleFile, tt.old, tt.new, 1)
			if text == ruleFile {
				t.Fatal("nothing changed")
			}
			if _, err := load(text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
		})
	}
}

// TestExtend adds a folder to rules: it may disable and replace those, by their
// ids, and nothing that is not there.
func TestExtend(t *testing.T) {
	t.Parallel()
	base, err := load(ruleFile + strings.NewReplacer("rules:\n", "", "test.rule", "test.other").Replace(ruleFile))
	if err != nil {
		t.Fatal(err)
	}
	extend := func(text string) ([]string, error) {
		rules, err := pattern.Extend(base, fstest.MapFS{"own.yaml": {Data: []byte(text)}})
		var ids []string
		for _, r := range rules {
			ids = append(ids, r.ID+" "+r.Source)
		}
		return ids, err
	}
	own := strings.Replace(ruleFile, "test.rule", "test.rule\n    replace: true", 1)
	for text, want := range map[string][]string{
		"":                              {"test.rule a.yaml:2", "test.other a.yaml:12"},
		"disable: [test.other]\n":       {"test.rule a.yaml:2"},
		own:                             {"test.other a.yaml:12", "test.rule own.yaml:2"},
		"disable: [test.other]\n" + own: {"test.rule own.yaml:3"},
		strings.Replace(ruleFile, "test.rule", "test.third", 1): {"test.rule a.yaml:2", "test.other a.yaml:12", "test.third own.yaml:2"},
	} {
		if got, err := extend(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"disable: [test.thing]":                        "own.yaml:1: there is no built-in rule test.thing",
		"disable: [test.rule]\n" + own:                 "own.yaml:3: there is no built-in rule test.rule",
		strings.Replace(own, "test.rule", "test.x", 1): "own.yaml:2: there is no built-in rule test.x",
		"disabled: [test.rule]":                        `own.yaml:1: there is no key "disabled": use disable, origins, rules`,
		"origins: [tool,\n web]":                       `own.yaml:2: origins: "web" is no origin`,
		"\norigins: []":                                "own.yaml:2: origins: name some, or leave it out",
		"\norigins:":                                   "own.yaml:2: origins: name some, or leave it out",
		"origins: tool":                                "own.yaml:1: origins: name some, or leave it out",
		"origins: [tool, user,\n tool]":                `own.yaml:2: origins: "tool" is given twice`,
	} {
		if _, err := extend(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
	if len(base) != 2 || base[0].ID != "test.rule" {
		t.Errorf("the base has changed: %+v", base)
	}
}
