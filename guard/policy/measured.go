package policy

import (
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// measured answers conditions. Another finding, and another check that ends, can only
// raise its answers.
type measured struct {
	report guard.Report
	tally  *tally
	rules  *rules
	risk   float64
}

func (m measured) Risk() float64 { return m.risk }

func (m measured) Tokens() float64 {
	n, _ := m.report.Tokens()
	return float64(n)
}

// Worst counts weak findings as the risk does: put together, below every line.
func (m measured) Worst(category string) float64 {
	c, _ := guard.ParseCategory(category)
	return max(m.tally.strong[c], m.tally.composite(int(c), m.rules.Ceilings[c]))
}

func (m measured) Count(category string) float64 {
	c, _ := guard.ParseCategory(category)
	return float64(m.tally.count[c])
}

func (m measured) Found(rule string) bool {
	for _, c := range m.report.Checks {
		for _, f := range c.Findings {
			if f.Rule == rule {
				return true
			}
		}
	}
	return false
}

// Score takes scores below the floor of findings too, and findings in what was
// disguised, which scores leave out. A label that says nothing of texts of this origin
// scores 0, as it has no findings there.
func (m measured) Score(label string) float64 {
	worst := 0.0
	for _, c := range m.report.Checks {
		for _, s := range c.Scores {
			if s.From.Has(m.report.Meta.Origin) && (s.Label == label || s.Model+"/"+s.Label == label) {
				worst = max(worst, believed(s.Score))
			}
		}
		for _, f := range c.Findings {
			if f.Rule == label || strings.HasSuffix(f.Rule, "/"+label) {
				worst = max(worst, score(f))
			}
		}
	}
	return worst
}
