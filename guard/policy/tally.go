package policy

import (
	"maps"
	"math"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// tally is what the findings of a report come to, category by category.
type tally struct {
	count  [categories]int
	strong [categories]float64            // the worst that may decide
	weak   [categories]map[string]float64 // by rule: each counts once
	checks [categories]string             // the first check by name with weak findings
}

// add counts a finding that comes to a score.
func (t *tally) add(f guard.Finding, score float64) {
	if f.Category >= guard.Neutral {
		return
	}
	t.count[f.Category]++
	if !f.Weak {
		t.strong[f.Category] = max(t.strong[f.Category], score)
		return
	}
	if t.weak[f.Category] == nil {
		t.weak[f.Category] = make(map[string]float64)
		t.checks[f.Category] = f.Check
	}
	t.weak[f.Category][f.Rule] = max(t.weak[f.Category][f.Rule], score)
	t.checks[f.Category] = min(t.checks[f.Category], f.Check)
}

// composite is 1 − Π(1 − w) of the weak findings of a category, at most ceiling.
// The product goes by rule: in another order rounding could make one more finding
// lower the score.
func (t *tally) composite(c int, ceiling float64) float64 {
	if len(t.weak[c]) == 0 {
		return 0
	}
	left := 1.0
	for _, rule := range slices.Sorted(maps.Keys(t.weak[c])) {
		left *= 1 - t.weak[c][rule]
	}
	return min(1-left, ceiling)
}

// composites are the findings that several weak ones make together.
func (t *tally) composites(r *rules) []guard.Finding {
	var all []guard.Finding
	for c := range categories {
		if len(t.weak[c]) < 2 {
			continue
		}
		all = append(all, guard.Finding{
			Check:    t.checks[c],
			Rule:     "composite." + guard.Category(c).String(),
			Category: guard.Category(c),
			Severity: guard.Low,
			Score:    t.composite(c, r.Ceilings[c]),
			Weak:     true,
			Message:  "several weak signs taken together",
		})
	}
	return all
}

// harmless is Π(1 − weight·worst) over the categories: how likely it is that the
// text does no harm.
func (t *tally) harmless(r *rules) float64 {
	left := 1.0
	for c := range categories {
		left *= 1 - r.Weights[c]*max(t.strong[c], t.composite(c, r.Ceilings[c]))
	}
	return left
}

// score is f's, as far as it can be believed.
func score(f guard.Finding) float64 { return believed(f.Score) }

// believed takes what is no number for as bad as can be.
func believed(score float64) float64 {
	if math.IsNaN(score) {
		return 1
	}
	return min(max(score, 0), 1)
}
