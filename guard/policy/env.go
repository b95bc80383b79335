package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// Env is what a policy may refer to.
type Env struct {
	Checks       []string          // names of all loaded checks
	Rules        []string          // ids of all loaded rules
	Models       map[string]Model  // by the name of their check
	Placeholders map[string]string // by rule: "[EMAIL]"
	Engines      map[string]Engine // by the name in a file's engine
}

// Model is a loaded classifier as policies see it.
type Model struct {
	Name   string
	Labels map[string]guard.Category
	From   map[string]guard.Origins // of whose texts labels speak, where it is not all
}

// Engine makes a policy that does not decide by lines.
type Engine func(Spec) (guard.Policy, error)

// Spec is what a file with an engine of its own may say.
type Spec struct {
	Name       string
	TokenLimit int // 0: the file has none
	DetectOnly bool
	Models     []string // names of the checks of all loaded models, sorted
}

func (e Env) modelChecks() []string { return slices.Sorted(maps.Keys(e.Models)) }

// labelsNamed returns the rules, with their categories, that key stands for: a
// label by its name, or "model/label".
func (e Env) labelsNamed(key string) map[string]guard.Category {
	found := make(map[string]guard.Category)
	for _, m := range e.Models {
		for name, c := range m.Labels {
			if rule := m.Name + "/" + name; key == name || key == rule {
				found[rule] = c
			}
		}
	}
	return found
}

// speaks tells whether a label, "model/label", says something of texts of an origin.
func (e Env) speaks(rule string, o guard.Origin) bool {
	for _, m := range e.Models {
		if label, ok := strings.CutPrefix(rule, m.Name+"/"); ok {
			return m.From[label].Has(o)
		}
	}
	return true
}

// rulesNamed returns the rules that key stands for: one by its id, or with "planted.*"
// all whose ids begin with "planted.", none included, since a folder of rules may have
// taken them out.
func (e Env) rulesNamed(key string) ([]string, error) {
	if beginning, ok := strings.CutSuffix(key, ".*"); ok {
		return slices.DeleteFunc(slices.Clone(e.Rules), func(id string) bool { return !strings.HasPrefix(id, beginning+".") }), nil
	}
	if !slices.Contains(e.Rules, key) {
		return nil, fmt.Errorf("no loaded rule is named %q%s; findings name theirs", key, alike(e.Rules, key))
	}
	return []string{key}, nil
}

// labels returns the category of every label of every model, by "model/label".
func (e Env) labels() map[string]guard.Category {
	all := make(map[string]guard.Category)
	for _, m := range e.Models {
		for name, c := range m.Labels {
			all[m.Name+"/"+name] = c
		}
	}
	return all
}

// rules returns everything that a finding can name: rules and, as "model/label", the
// labels that are a risk. Sorted.
func (e Env) rules() []string {
	all := slices.Clone(e.Rules)
	for rule, c := range e.labels() {
		if c != guard.Neutral {
			all = append(all, rule)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
