package pattern

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/portcullis-ai/portcullis/guard"
)

//go:embed rules/*.yaml
var builtin embed.FS

// Builtin returns the rules that come with Portcullis.
func Builtin() ([]Rule, error) {
	sub, err := fs.Sub(builtin, "rules")
	if err != nil {
		return nil, err
	}
	return Load(sub)
}

// Load reads the rules of all *.yaml files at the root of fsys, file by file in
// the order of their names, and proves them as New does. Unknown keys are
// refused. Errors name the file, and the rule where there is one.
func Load(fsys fs.FS) ([]Rule, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var rules []Rule
	for _, name := range names {
		more, err := loadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		rules = append(rules, more...)
	}
	if _, err := New(rules); err != nil {
		return nil, err
	}
	return rules, nil
}

func loadFile(fsys fs.FS, name string) ([]Rule, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	var file struct {
		Rules []ruleYAML `yaml:"rules"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	rules := make([]Rule, 0, len(file.Rules))
	for i, y := range file.Rules {
		r, err := y.rule()
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", cmp.Or(y.ID, fmt.Sprintf("number %d", i+1)), err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// ruleYAML is a rule as a file has it.
type ruleYAML struct {
	ID          string   `yaml:"id"`
	Category    string   `yaml:"category"`
	Severity    string   `yaml:"severity"`
	Score       float64  `yaml:"score"`  // of a strong rule
	Weight      float64  `yaml:"weight"` // of a weak one
	Description string   `yaml:"description"`
	View        string   `yaml:"view"` // default by category
	Pattern     patterns `yaml:"pattern"`
	Validate    string   `yaml:"validate"`
	Placeholder string   `yaml:"placeholder"`
	Hits        []string `yaml:"hits"`
	Misses      []string `yaml:"misses"`
}

func (y ruleYAML) rule() (Rule, error) {
	category, ok := guard.ParseCategory(y.Category)
	if !ok {
		return Rule{}, fmt.Errorf("category: there is no %q", y.Category)
	}
	severity, ok := guard.ParseSeverity(y.Severity)
	if !ok {
		return Rule{}, fmt.Errorf("severity: there is no %q", y.Severity)
	}
	if (y.Score == 0) == (y.Weight == 0) {
		return Rule{}, errors.New("give a score, if the rule may decide alone, or else a weight")
	}
	view, ok := viewNames[y.View]
	if y.View == "" {
		view, ok = defaultView(category), true
	}
	if !ok {
		return Rule{}, fmt.Errorf("view: %q is none of folded, clean, raw", y.View)
	}
	return Rule{
		ID: y.ID, Description: y.Description, Category: category, Severity: severity,
		Score: y.Score + y.Weight, Weak: y.Weight != 0, View: view, Patterns: y.Pattern,
		Validate: y.Validate, Placeholder: y.Placeholder, Hits: y.Hits, Misses: y.Misses,
	}, nil
}

// patterns is one pattern or a list of them. A long one may stand in several
// lines: line ends and the white space around them are no part of it.
type patterns []string

// UnmarshalYAML reads either form.
func (p *patterns) UnmarshalYAML(node *yaml.Node) error {
	var list []string
	if node.Kind == yaml.ScalarNode {
		list = []string{""}
		if err := node.Decode(&list[0]); err != nil {
			return err
		}
	} else if err := node.Decode(&list); err != nil {
		return err
	}
	for i, text := range list {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		for j, l := range lines {
			lines[j] = strings.TrimSpace(l)
		}
		list[i] = strings.Join(lines, "")
	}
	*p = list
	return nil
}
