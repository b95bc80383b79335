package policy

import (
	"cmp"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// judgement gathers a verdict.
type judgement struct {
	decision guard.Decision
	findings []guard.Finding
	grounds  []ground
}

type ground struct {
	decision guard.Decision
	score    float64
	text     string
}

// because takes d into account and remembers why.
func (j *judgement) because(d guard.Decision, score float64, text string) {
	j.decision = min(j.decision, d)
	j.grounds = append(j.grounds, ground{d, score, text})
}

// maxReasons is how many reasons a person will read.
const maxReasons = 8

// reasons returns the strictest grounds first, each once.
func (j *judgement) reasons() []string {
	if len(j.grounds) == 0 {
		return nil
	}
	slices.SortFunc(j.grounds, func(a, b ground) int {
		return cmp.Or(cmp.Compare(a.decision, b.decision), cmp.Compare(b.score, a.score), cmp.Compare(a.text, b.text))
	})
	grounds := slices.Compact(j.grounds)
	texts := make([]string, 0, min(len(grounds), maxReasons))
	for _, g := range grounds[:min(len(grounds), maxReasons)] {
		texts = append(texts, g.text)
	}
	return texts
}
