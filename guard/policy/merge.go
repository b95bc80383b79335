package policy

import (
	"cmp"
	"slices"
)

// extend returns f with base's keys where f has none. Categories and labels are
// merged key by key; the overrides of f come after those of base, and win.
func (f file) extend(base file) file {
	f.Engine = cmp.Or(f.Engine, base.Engine)
	f.DetectOnly = or(f.DetectOnly, base.DetectOnly)
	f.StopAtBlock = or(f.StopAtBlock, base.StopAtBlock)
	f.OnFailure = cmp.Or(f.OnFailure, base.OnFailure)
	if f.Checks == nil {
		f.Checks = base.Checks
	}
	f.Limits = f.Limits.extend(base.Limits)
	f.Categories = extendAll(f.Categories, base.Categories, category.extend)
	f.Overrides = slices.Concat(base.Overrides, f.Overrides)
	f.Allow = f.Allow.join(base.Allow)
	f.Conditions = extendConditions(f.Conditions, base.Conditions)
	return f
}

func (a allow) join(base allow) allow {
	return allow{Rules: slices.Concat(base.Rules, a.Rules), Texts: slices.Concat(base.Texts, a.Texts)}
}

// extendConditions returns those of base that own has no other one for, then own.
func extendConditions(own, base []condition) []condition {
	replaced := func(b condition) bool {
		return slices.ContainsFunc(own, func(c condition) bool { return c.Name == b.Name })
	}
	return append(slices.DeleteFunc(slices.Clone(base), replaced), own...)
}

func (l limits) extend(base limits) limits {
	switch {
	case l.Tokens == nil:
		return base
	case base.Tokens == nil:
		return l
	}
	return limits{Tokens: &tokens{
		Max:    or(l.Tokens.Max, base.Tokens.Max),
		Action: cmp.Or(l.Tokens.Action, base.Tokens.Action),
		Weight: or(l.Tokens.Weight, base.Tokens.Weight),
	}}
}

func (c category) extend(base category) category {
	return category{
		thresholds: c.thresholds.extend(base.thresholds),
		Weight:     or(c.Weight, base.Weight),
		Labels:     extendAll(c.Labels, base.Labels, label.extend),
		Rules:      extendAll(c.Rules, base.Rules, thresholds.extend),
		LiftedBy:   orList(c.LiftedBy, base.LiftedBy),
	}
}

func (l label) extend(base label) label {
	return label{thresholds: l.thresholds.extend(base.thresholds), Optional: l.Optional || base.Optional}
}

func (t thresholds) extend(base thresholds) thresholds {
	return thresholds{Block: or(t.Block, base.Block), Review: or(t.Review, base.Review), Sanitize: or(t.Sanitize, base.Sanitize)}
}

// extendAll merges two maps into a new one. A key without a value, which YAML
// allows, counts for an empty one.
func extendAll[T any](over, base map[string]*T, extend func(over, base T) T) map[string]*T {
	all := make(map[string]*T, len(over)+len(base))
	for key, b := range base {
		all[key] = new(value(b))
	}
	for key, o := range over {
		all[key] = new(extend(value(o), value(all[key])))
	}
	return all
}

func or[T any](p, fallback *T) *T {
	if p != nil {
		return p
	}
	return fallback
}

func orList(own, fallback []string) []string {
	if own != nil {
		return own
	}
	return fallback
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
