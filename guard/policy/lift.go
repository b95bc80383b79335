package policy

import (
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// lift is a weak finding that makes what a model says of the same words worse. Each
// alone is common in honest texts: a task that a document sets, and a model that has
// some doubt. Together they are not.
type lift struct {
	by     string // the rule
	weight float64
	span   *guard.Span // nil: the whole text
}

// liftsIn returns the findings of a report that lift others, by category.
func (r *rules) liftsIn(report guard.Report) (lifts [categories][]lift) {
	for _, c := range report.Checks {
		for _, f := range c.Findings {
			if f.Weak && f.Category < guard.Neutral && r.Lifting[f.Category][f.Rule] {
				lifts[f.Category] = append(lifts[f.Category], lift{f.Rule, score(f), f.Span})
			}
		}
	}
	return lifts
}

// score is what a finding comes to: 1 − (1 − score)(1 − weight) for what a model says,
// with the heaviest lift that touches it, and for all others what they score. Lifts
// are not added up: a long honest text has several. Another one never lowers it.
func (h *hearing) score(f guard.Finding) float64 {
	own := score(f)
	if l, ok := h.liftOf(f); ok {
		return max(own, 1-(1-own)*(1-l.weight))
	}
	return own
}

// liftOf returns the heaviest lift of a finding; of two alike the first by its rule,
// whatever the order of the findings is.
func (h *hearing) liftOf(f guard.Finding) (heaviest lift, ok bool) {
	if f.Weak || f.Category >= guard.Neutral || !ofModel(f) {
		return lift{}, false
	}
	for _, l := range h.lifts[f.Category] {
		if touch(l.span, f.Span) && (!ok || l.weight > heaviest.weight || l.weight == heaviest.weight && l.by < heaviest.by) {
			heaviest, ok = l, true
		}
	}
	return heaviest, ok
}

// ofModel tells labels, "model/label", from rules, whose ids have no slash.
func ofModel(f guard.Finding) bool { return strings.Contains(f.Rule, "/") }

func touch(a, b *guard.Span) bool { return a == nil || b == nil || a.Overlaps(*b) }

// lifting resolves the rules that lift what models say.
func lifting(keys []string, env Env) (map[string]bool, error) {
	all := make(map[string]bool)
	for _, key := range keys {
		named, err := env.rulesNamed(key)
		if err != nil {
			return nil, err
		}
		for _, rule := range named {
			all[rule] = true
		}
	}
	return all, nil
}
