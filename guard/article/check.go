package article

import (
	"context"

	"github.com/portcullis-ai/portcullis/guard"
)

// checkName names the check and the findings of the policy.
const checkName = "article"

// Names of the two heuristics' rules.
const (
	ruleStructure = "article.structure"
	ruleKeywords  = "article.keywords"
)

// What a hit adds to the injection score.
const (
	patternWeight   = 0.2
	structureWeight = 0.3
	keywordsWeight  = 0.2
)

// Check is the guard.Check "article". It reports one finding for each pattern that
// occurs, at its first place, and one for each heuristic that holds: at most twelve
// whatever the text. All are weak, since only this package's policy can tell what
// their sum means.
type Check struct{}

var _ guard.Check = Check{}

// New returns the check. All of them are the same.
func New() Check { return Check{} }

// Name returns "article".
func (Check) Name() string { return checkName }

// Inspect reads the raw text. It looks at ctx between two patterns; what it found
// until then comes with ctx's error and without coverage, since no part of the text
// has been searched for everything.
func (Check) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	var got guard.Inspection
	text := fold(t.Raw)
	for _, p := range patterns {
		if err := ctx.Err(); err != nil {
			return got, err
		}
		if at := p.re.FindStringIndex(text.text); at != nil {
			span := t.RawSpan(text.raw(at[0], at[1]))
			got.Findings = append(got.Findings, hit(p.rule, patternWeight, &span, "a phrase of the article's list"))
		}
	}
	wording := lower(t.Raw)
	if twoOf(wording, structure) {
		got.Findings = append(got.Findings, hit(ruleStructure, structureWeight, nil, "worded like a list of instructions"))
	}
	if twoOf(wording, keywords) {
		got.Findings = append(got.Findings, hit(ruleKeywords, keywordsWeight, nil, "several words of system administration"))
	}
	got.Coverage = 1
	return got, nil
}

func hit(rule string, score float64, span *guard.Span, message string) guard.Finding {
	return guard.Finding{
		Check:    checkName,
		Rule:     rule,
		Category: guard.PromptInjection,
		Severity: guard.Low,
		Score:    score,
		Weak:     true,
		Span:     span,
		Message:  message,
	}
}

// injectionScore adds up what the check found, in the article's order: float64
// addition is not associative, and 0.2 three times is over 0.6.
func injectionScore(findings []guard.Finding) float64 {
	found := make(map[string]bool, len(findings))
	for _, f := range findings {
		found[f.Rule] = true
	}
	score := 0.0
	for _, p := range patterns {
		if found[p.rule] {
			score += patternWeight
		}
	}
	if found[ruleStructure] {
		score += structureWeight
	}
	if found[ruleKeywords] {
		score += keywordsWeight
	}
	return min(score, 1)
}
