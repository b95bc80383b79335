package pattern

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/portcullis-ai/portcullis/guard"
)

// file is what a rule file says.
type file struct {
	outs  []out // of the rules that were there before
	rules []Rule
}

// out names a rule to be taken out, and the line that says so.
type out struct {
	id   string
	line int
}

var (
	fileKeys = []string{"disable", "origins", "rules"}
	ruleKeys = strings.Fields("id replace category severity score weight description view pattern validate placeholder hits misses")
)

// readFile returns errors that begin with the line.
func readFile(fsys fs.FS, name string) (file, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return file{}, err
	}
	root, err := document(text)
	if err != nil || root == nil {
		return file{}, err
	}
	if err := known(root, fileKeys); err != nil {
		return file{}, err
	}
	var parts struct {
		Disable, Rules []yaml.Node
		Origins        yaml.Node
	}
	if err := root.Decode(&parts); err != nil {
		return file{}, lined(root.Line, err)
	}
	var f file
	for _, n := range parts.Disable {
		f.outs = append(f.outs, out{n.Value, n.Line})
	}
	from, err := origins(parts.Origins)
	if err != nil {
		return file{}, err
	}
	for i := range parts.Rules {
		if err := f.add(&parts.Rules[i], name); err != nil {
			return file{}, err
		}
		f.rules[i].From = from
	}
	return f, nil
}

// origins are those of whose texts the rules of a file are findings; all where the file
// has no such list. An empty one may mean all or none, so it is refused.
func origins(list yaml.Node) (guard.Origins, error) {
	if list.IsZero() {
		return 0, nil
	}
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		return 0, fmt.Errorf("%d: origins: name some, or leave it out where the rules speak of all texts", list.Line)
	}
	var all []guard.Origin
	for _, n := range list.Content {
		o, ok := guard.ParseOrigin(n.Value)
		switch {
		case !ok:
			return 0, fmt.Errorf("%d: origins: %q is no origin", n.Line, n.Value)
		case slices.Contains(all, o):
			return 0, fmt.Errorf("%d: origins: %q is given twice", n.Line, n.Value)
		}
		all = append(all, o)
	}
	return guard.OriginsOf(all...), nil
}

// document returns the mapping that a file is; nil if it is empty.
func document(text []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	err := d.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, lined(1, err)
	case !errors.Is(d.Decode(&more), io.EOF):
		return nil, errors.New("1: a rule file is one YAML document: split it")
	}
	return doc.Content[0], nil
}

// known refuses keys of a mapping that are none of the given.
func known(node *yaml.Node, keys []string) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%d: expected the keys %s", node.Line, strings.Join(keys, ", "))
	}
	for i := 0; i < len(node.Content); i += 2 {
		if key := node.Content[i]; !slices.Contains(keys, key.Value) {
			return fmt.Errorf("%d: there is no key %q: use %s", key.Line, key.Value, strings.Join(keys, ", "))
		}
	}
	return nil
}

// lined puts the line in front of an error, unless the error knows a better one.
func lined(line int, err error) error {
	if known, ok := strings.CutPrefix(err.Error(), "yaml: line "); ok {
		return errors.New(known)
	}
	return fmt.Errorf("%d: %w", line, err)
}

func (f *file) add(node *yaml.Node, name string) error {
	if err := known(node, ruleKeys); err != nil {
		return err
	}
	var y ruleYAML
	if err := node.Decode(&y); err != nil {
		return lined(node.Line, err)
	}
	r, err := y.rule()
	if err != nil {
		return lined(node.Line, fmt.Errorf("rule %s: %w", cmp.Or(y.ID, "without id"), err))
	}
	r.Source = fmt.Sprintf("%s:%d", name, node.Line)
	f.rules = append(f.rules, r)
	if y.Replace {
		f.outs = append(f.outs, out{y.ID, node.Line})
	}
	return nil
}

// ruleYAML is a rule as a file has it.
type ruleYAML struct {
	ID          string   `yaml:"id"`
	Replace     bool     `yaml:"replace"` // the built-in rule of this id
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
