package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// file is a policy file. A key that is absent is nil or empty, which Extends and
// Overrides rely on.
type file struct {
	Description string               `yaml:"description"`
	Extends     string               `yaml:"extends"`       // a policy whose keys hold where this one has none
	Engine      string               `yaml:"engine"`        // another way to decide; then only limits and detect_only
	DetectOnly  *bool                `yaml:"detect_only"`   // answer ALLOW whatever was decided
	StopAtBlock *bool                `yaml:"stop_at_block"` // cancel what still runs once the decision is BLOCK
	OnFailure   string               `yaml:"on_failure"`    // block or review: what a check means that did not finish
	Checks      []string             `yaml:"checks"`        // "models" stands for every loaded model
	Limits      limits               `yaml:"limits"`
	Categories  map[string]*category `yaml:"categories"`
	Overrides   []override           `yaml:"overrides"`
	Allow       allow                `yaml:"allow"`
	Conditions  []condition          `yaml:"conditions"`
}

// limits are what no score decides.
type limits struct {
	Tokens *tokens `yaml:"tokens"`
}

// tokens limits the cl100k_base tokens of a text.
type tokens struct {
	Max    *int     `yaml:"max"`
	Action string   `yaml:"action"` // block or review
	Weight *float64 `yaml:"weight"` // of passing the limit in the risk
}

// category holds the lines for findings of one category.
type category struct {
	thresholds `yaml:",inline"`
	Weight     *float64               `yaml:"weight"` // of the category's worst score in the risk
	Labels     map[string]*label      `yaml:"labels"`
	Rules      map[string]*thresholds `yaml:"rules"`     // in place of the category's lines; see Env.rulesNamed
	LiftedBy   []string               `yaml:"lifted_by"` // weak rules that lift what models say; see lift
}

// label holds the lines for one label of a model, in place of its category's.
type label struct {
	thresholds `yaml:",inline"`
	// Optional lets the entry stand for every loaded model that has the label, none
	// included. Without it the label must be there, once: that catches typing errors.
	Optional bool `yaml:"optional"`
}

// thresholds are the lowest scores for which each decision is taken.
type thresholds struct {
	Block    *float64 `yaml:"block"`
	Review   *float64 `yaml:"review"`
	Sanitize *float64 `yaml:"sanitize"`
}

// override holds keys for some texts only. An empty list means all.
type override struct {
	Origins    []string             `yaml:"origins"`
	Directions []string             `yaml:"directions"`
	Limits     limits               `yaml:"limits"`
	Categories map[string]*category `yaml:"categories"`
	Allow      allow                `yaml:"allow"`
}

// allow lists what a person has looked at and found harmless. Lists add up: what a
// base or an override allows is allowed beside the rest.
type allow struct {
	Rules []string `yaml:"rules"` // whose findings do not count; "model/label" for a label
	Texts []string `yaml:"texts"` // "sha256:...": nothing found in these texts counts
}

// condition decides when an expression holds. See package condition.
type condition struct {
	Name string `yaml:"name"`
	When string `yaml:"when"`
	Then string `yaml:"then"` // block, review or sanitize
}

// parse reads one policy file and refuses keys it does not know.
func parse(text []byte) (file, error) {
	var f file
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); errors.Is(err, io.EOF) {
		return f, errors.New("the file is empty")
	} else if err != nil {
		return f, fmt.Errorf("not a policy: %w", err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return f, errors.New("the file holds more than one document; keep one policy in a file")
	}
	for i, v := range f.Overrides {
		if err := v.validate(); err != nil {
			return f, fmt.Errorf("overrides[%d].%w", i, err)
		}
	}
	return f, nil
}
