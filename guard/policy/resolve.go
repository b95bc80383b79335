package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// rules resolves a file for texts of one direction and origin.
func (f file) rules(d guard.Direction, o guard.Origin, env Env) (*rules, error) {
	l, cats, listed := f.Limits, f.Categories, f.Allow
	for _, over := range f.Overrides {
		if over.applies(d, o) {
			l, cats, listed = over.Limits.extend(l), extendAll(over.Categories, cats, category.extend), over.Allow.join(listed)
		}
	}
	r := &rules{Labels: make(map[string]lines), Tokens: defaultTokens}
	if err := r.allow(listed, env); err != nil {
		return nil, fmt.Errorf("allow.%w (for %s from %s)", err, d, o)
	}
	if t := value(l.Tokens); t.Max != nil {
		if r.Tokens = *t.Max; r.Tokens < 1 {
			return nil, fmt.Errorf("limits.tokens.max: %d is less than 1", r.Tokens)
		}
	}
	for c := range r.Weights {
		r.Weights[c] = defaultWeight
	}
	for _, name := range slices.Sorted(maps.Keys(cats)) {
		if err := r.category(name, value(cats[name]), o, env); err != nil {
			return nil, fmt.Errorf("categories.%s%w (for %s from %s)", name, err, d, o)
		}
	}
	r.setCeilings(env.labels())
	return r, nil
}

// validate names what an override cannot have.
func (v override) validate() error {
	for _, name := range v.Origins {
		if _, ok := guard.ParseOrigin(name); !ok {
			return fmt.Errorf("origins: %q is no origin", name)
		}
	}
	for _, name := range v.Directions {
		if name != guard.Input.String() && name != guard.Output.String() {
			return fmt.Errorf("directions: %q is neither input nor output", name)
		}
	}
	if t := v.Limits.Tokens; t != nil && (t.Action != "" || t.Weight != nil) {
		return errors.New("limits.tokens: only max can be overridden")
	}
	return nil
}

// applies reports whether an override is for texts of this direction and origin.
func (v override) applies(d guard.Direction, o guard.Origin) bool {
	return (len(v.Origins) == 0 || slices.Contains(v.Origins, o.String())) &&
		(len(v.Directions) == 0 || slices.Contains(v.Directions, d.String()))
}

// category resolves one category for texts of an origin. Its errors begin with what follows its name.
func (r *rules) category(name string, c category, o guard.Origin, env Env) error {
	id, ok := guard.ParseCategory(name)
	if !ok || id == guard.Neutral || id == guard.TokenLimit {
		return errors.New(": there is no such category to decide on")
	}
	var err error
	if r.Lines[id], err = newLines(c.thresholds); err != nil {
		return fmt.Errorf(".%w", err)
	}
	if c.Sanitize != nil && !replaceable(id) {
		return errors.New(".sanitize: only sensitive_data and secret have placeholders to put in their place")
	}
	if r.Weights[id], err = weight(c.Weight, defaultWeight); err != nil {
		return fmt.Errorf(".weight: %w", err)
	}
	// A label named with its model is meant more closely than one named alone, so
	// it comes later and wins.
	keys := slices.SortedFunc(maps.Keys(c.Labels), func(a, b string) int {
		return cmp.Or(strings.Count(a, "/")-strings.Count(b, "/"), cmp.Compare(a, b))
	})
	silent := make(map[string]lines)
	for _, key := range keys {
		if err := r.label(id, key, value(c.Labels[key]), o, env, silent); err != nil {
			return fmt.Errorf(".labels.%s%w", key, err)
		}
	}
	r.succeed(id, silent, o, env)
	if err := r.own(id, c.Rules, env); err != nil {
		return fmt.Errorf(".rules.%w", err)
	}
	if replaceable(id) && len(c.LiftedBy) > 0 {
		return errors.New(".lifted_by: what has a placeholder is not lifted: a score that is higher could be milder, where nothing can be replaced")
	}
	if r.Lifting[id], err = lifting(c.LiftedBy, env); err != nil {
		return fmt.Errorf(".lifted_by: %w", err)
	}
	return nil
}

// succeed gives labels that nothing decides on the lines of those of their model that the
// file names and that say nothing of these texts: where a model tells two things apart that
// were one, it is not milder than the one that the file was written for.
func (r *rules) succeed(id guard.Category, silent map[string]lines, o guard.Origin, env Env) {
	if len(silent) == 0 || r.Lines[id].lowest() <= 1 {
		return
	}
	for _, m := range env.Models {
		at := m.strictest(silent)
		for name, c := range m.Labels {
			rule := m.Name + "/" + name
			if _, named := r.Labels[rule]; !named && c == id && m.From[name].Has(o) && at != (lines{}) {
				r.Labels[rule] = at
			}
		}
	}
}

// strictest returns the lowest lines of the model's labels.
func (m Model) strictest(given map[string]lines) (at lines) {
	for rule, l := range given {
		if strings.HasPrefix(rule, m.Name+"/") {
			at = lines{lower(at.Block, l.Block), lower(at.Review, l.Review), lower(at.Sanitize, l.Sanitize)}
		}
	}
	return at
}

// lower returns the lower of two lines; 0 is none.
func lower(a, b float64) float64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// own resolves the lines of single rules. An id is meant more closely than a beginning
// of ids, and a long beginning than a short one: the closest wins.
func (r *rules) own(id guard.Category, given map[string]*thresholds, env Env) error {
	keys := slices.SortedFunc(maps.Keys(given), func(a, b string) int {
		return cmp.Or(strings.Count(b, "*")-strings.Count(a, "*"), len(a)-len(b), cmp.Compare(a, b))
	})
	r.Own[id] = make(map[string]lines)
	for _, key := range keys {
		at, err := newLines(value(given[key]))
		if err != nil {
			return fmt.Errorf("%s.%w", key, err)
		}
		if at.Sanitize > 0 && !replaceable(id) {
			return fmt.Errorf("%s.sanitize: only sensitive_data and secret have placeholders to put in their place", key)
		}
		named, err := env.rulesNamed(key)
		if err != nil {
			return err
		}
		for _, rule := range named {
			r.Own[id][rule] = at
		}
	}
	return nil
}

// label resolves the lines of one label of category id. Where it says nothing it has none,
// and they go into silent.
func (r *rules) label(id guard.Category, key string, l label, o guard.Origin, env Env, silent map[string]lines) error {
	at, err := newLines(l.thresholds)
	if err != nil {
		return fmt.Errorf(".%w", err)
	}
	if l.Sanitize != nil {
		return errors.New(".sanitize: a model says nothing of what to put in its place")
	}
	found := env.labelsNamed(key)
	maps.DeleteFunc(found, func(_ string, c guard.Category) bool { return c != id })
	switch {
	case l.Optional:
	case len(found) == 0:
		return fmt.Errorf(": no loaded model has it under %s; there are %s (or say optional: true)", id, known(env.labels()))
	case len(found) > 1:
		return fmt.Errorf(": it could be any of %s; name one (or say optional: true for all)", known(found))
	}
	for rule := range found {
		if env.speaks(rule, o) {
			r.Labels[rule] = at
		} else {
			silent[rule] = at
		}
	}
	return nil
}
