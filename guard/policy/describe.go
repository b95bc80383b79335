package policy

import (
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// Description is a policy as it came out, for people: what was inherited, overridden
// and looked up in the loaded models is resolved.
type Description struct {
	Name, Digest, Text, Extends string
	Engine                      string // not empty: another package decides, and nothing below is known
	Plan                        guard.Plan
	OnFailure, OverTokens       guard.Decision
	TokensWeight                float64
	Conditions                  []Condition
	Views                       []View
}

// Condition is a condition as it was written.
type Condition struct {
	Name, When string
	Then       guard.Decision
}

// View is what holds for some texts. Those of equal rules are in one view.
type View struct {
	For        []Target
	Tokens     int
	Categories []Lines
	Rules      []string // whose findings do not count
	Texts      []string // digests of texts in which nothing counts
	Lifting    []string // weak rules that lift what models say
}

// Target is a kind of text.
type Target struct {
	Direction guard.Direction
	Origin    guard.Origin
}

// Lines are the scores at which a category, or a label or rule of it, decides; 0 is
// never.
type Lines struct {
	Name                    string // of a category or, behind it, "model/label" or a rule
	Label                   bool   // or a rule
	Block, Review, Sanitize float64
	Weight                  float64 // of a category in the risk
}

// Describe compiles a file as LoadFile does and says what came of it.
func Describe(fsys fs.FS, filename string, env Env) (Description, error) {
	name, f, err := resolve(fsys, filename)
	if err != nil {
		return Description{}, fmt.Errorf("%s: %w", filename, err)
	}
	d := Description{Name: name, Text: f.Description, Extends: f.Extends, Engine: f.Engine}
	if f.Engine != "" {
		err = d.engine(f, env)
	} else {
		err = d.lines(f, env)
	}
	if err != nil {
		return Description{}, fmt.Errorf("%s: %w", filename, err)
	}
	return d, nil
}

func (d *Description) engine(f file, env Env) error {
	p, err := compileEngine(d.Name, f, env)
	if err != nil {
		return err
	}
	d.Digest, d.Plan = p.Digest(), p.Plan(guard.Meta{})
	return nil
}

func (d *Description) lines(f file, env Env) error {
	p, err := compileLines(d.Name, f, env)
	if err != nil {
		return err
	}
	d.Digest, d.Plan = p.digest, p.plan
	d.OnFailure, d.OverTokens, d.TokensWeight = p.onFailure, p.overTokens, p.tokensWeight
	for _, r := range p.rulings {
		d.Conditions = append(d.Conditions, Condition{Name: r.Name, When: r.when.String(), Then: r.Then})
	}
	var seen []*rules
	for direction := range p.rules {
		for origin, r := range p.rules[direction] {
			t := Target{guard.Direction(direction), guard.Origin(origin)}
			i := slices.IndexFunc(seen, func(s *rules) bool { return reflect.DeepEqual(s, r) })
			if i < 0 {
				i = len(seen)
				seen, d.Views = append(seen, r), append(d.Views, r.view(env.labels()))
			}
			d.Views[i].For = append(d.Views[i].For, t)
		}
	}
	return nil
}

// view lists the rules, every category followed by its labels and its own rules.
func (r *rules) view(labels map[string]guard.Category) View {
	v := View{Tokens: r.Tokens, Rules: slices.Sorted(maps.Keys(r.Allowed)), Texts: slices.Sorted(maps.Keys(r.Texts))}
	for c := range guard.Neutral {
		if c == guard.TokenLimit {
			continue
		}
		l := r.Lines[c]
		v.Categories = append(v.Categories, Lines{Name: c.String(), Block: l.Block, Review: l.Review, Sanitize: l.Sanitize, Weight: r.Weights[c]})
		for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
			if l := r.Labels[name]; labels[name] == c {
				v.Categories = append(v.Categories, Lines{Name: name, Label: true, Block: l.Block, Review: l.Review, Sanitize: l.Sanitize})
			}
		}
		for _, name := range slices.Sorted(maps.Keys(r.Own[c])) {
			l := r.Own[c][name]
			v.Categories = append(v.Categories, Lines{Name: name, Label: true, Block: l.Block, Review: l.Review, Sanitize: l.Sanitize})
		}
		v.Lifting = append(v.Lifting, slices.Sorted(maps.Keys(r.Lifting[c]))...)
	}
	return v
}
