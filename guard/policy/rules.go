package policy

import (
	"math"

	"github.com/portcullis-ai/portcullis/guard"
)

// categories counts the categories of guard.
const categories = int(guard.Neutral) + 1

// rules are what a policy says of texts of one direction and origin.
type rules struct {
	Lines    [categories]lines
	Weights  [categories]float64
	Ceilings [categories]float64          // what weak findings stay at or below
	Labels   map[string]lines             // by a finding's rule, "model/label"
	Own      [categories]map[string]lines // of single rules, by id
	Lifting  [categories]map[string]bool  // weak rules that lift what models say
	Tokens   int
	Allowed  map[string]bool // rules whose findings do not count
	Texts    map[string]bool // digests of texts in which nothing counts
}

// replaceable tells whether what is found of a category can give way to a placeholder.
func replaceable(c guard.Category) bool { return c == guard.SensitiveData || c == guard.Secret }

// tokenLimit is the policy's limit on tokens. A request may lower it, never raise it.
func (r *rules) tokenLimit(m guard.Meta) int {
	if m.TokenLimit > 0 {
		return min(r.Tokens, m.TokenLimit)
	}
	return r.Tokens
}

// linesFor returns the lines that decide on f.
func (r *rules) linesFor(f guard.Finding) lines {
	if l, ok := r.Labels[f.Rule]; ok {
		return l
	}
	if l, ok := r.Own[f.Category][f.Rule]; ok {
		return l
	}
	return r.Lines[f.Category]
}

// setCeilings keeps the weak findings of each category below all of its lines,
// those of labels and of single rules included.
func (r *rules) setCeilings(labels map[string]guard.Category) {
	for c := range r.Ceilings {
		low := r.Lines[c].lowest()
		for name, l := range r.Labels {
			if int(labels[name]) == c {
				low = min(low, l.lowest())
			}
		}
		for _, l := range r.Own[c] {
			low = min(low, l.lowest())
		}
		r.Ceilings[c] = min(math.Nextafter(low, 0), 1)
	}
}
