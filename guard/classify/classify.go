// Package classify makes a guard check of a classifier: what its model says of
// the windows of a text becomes scores and findings.
package classify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/inference"
)

// Check runs one model over a text.
//
// The model reads the text as received, so its scores equal the reference
// model's. Where words are disguised the model reads the text without the
// disguise too: those findings count, those scores are not among the text's.
type Check struct {
	name       string
	classifier *inference.Classifier
	labels     []Label // of the model, in its order
}

// Label says what a label of the model means.
type Label struct {
	Category guard.Category
	From     guard.Origins // of which texts the label says something
}

// special is the length of a window without content: [CLS] and [SEP].
const special = 2

// New names the check and gives every label of the model its meaning, by its name. It
// refuses a model with a label that has none.
func New(name string, c *inference.Classifier, labels map[string]Label) (*Check, error) {
	check := &Check{name: name, classifier: c}
	for _, l := range c.Model().Labels {
		label, ok := labels[l.Name]
		if !ok {
			return nil, fmt.Errorf("check %s: label %q of model %s has no meaning", name, l.Name, c.Model().Name)
		}
		check.labels = append(check.labels, label)
	}
	return check, nil
}

// Name is the manifest's name for the check.
func (c *Check) Name() string { return c.name }

// Inspect scores every window, those of what the text hides included. On an error
// it returns the findings, scores and coverage of the windows that were scored
// before it.
func (c *Check) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	raw := c.classifier.Encode(t.Raw)
	parts := c.parts(t, raw)
	var windows []inference.Encoding
	for _, p := range parts {
		windows = append(windows, p.windows...)
	}
	all, err := c.classifier.Score(ctx, windows)

	in := guard.Inspection{Scores: c.scores(all[:len(raw)])}
	nothing := len(raw) == 1 && raw[0].Len() <= special // what a model says of it is no finding
	seen, size := 0.0, 0
	for _, p := range parts {
		scored := all[:len(p.windows)]
		all = all[len(p.windows):]
		if seen += coverage(scored, p.size) * float64(max(p.size, 1)); !nothing {
			in.Findings = append(in.Findings, c.findings(scored, p)...)
		}
		size += max(p.size, 1)
	}
	if in.Coverage = seen / float64(size); err == nil && in.Coverage < 1 {
		err = errors.New("the windows do not cover the text")
	}
	return in, err
}

// differing returns the windows of the plain text that the model would read
// otherwise than the raw window of the same number. Fewer or more tokens before a
// window shift it, so a disguise early in a text costs all that follow.
func (c *Check) differing(plain plainText, raw []inference.Encoding) []inference.Encoding {
	if plain.text == "" {
		return nil
	}
	var differ []inference.Encoding
	for i, w := range c.classifier.Encode(plain.text) {
		if i >= len(raw) || !slices.Equal(w.IDs, raw[i].IDs) {
			differ = append(differ, w)
		}
	}
	return differ
}

func (c *Check) scores(windows []inference.WindowScore) []guard.LabelScore {
	worst := inference.Max(windows)
	scores := make([]guard.LabelScore, len(worst))
	m := c.classifier.Model()
	for i, s := range worst {
		meaning := c.labels[i]
		scores[i] = guard.LabelScore{Model: m.Name, Label: m.Labels[i].Name, Category: meaning.Category, From: meaning.From, Score: s}
	}
	return scores
}

// findings makes one finding of every run of neighbouring windows in which a
// label reaches the floor. A finding on all of a text as received has no span.
func (c *Check) findings(windows []inference.WindowScore, p part) []guard.Finding {
	var found []guard.Finding
	for label, meaning := range c.labels {
		if meaning.Category == guard.Neutral {
			continue
		}
		for _, r := range runs(windows, label) {
			found = append(found, c.finding(label, r, p))
		}
	}
	return found
}

func (c *Check) finding(label int, r stretch, p part) guard.Finding {
	m := c.classifier.Model()
	name := m.Labels[label].Name
	f := guard.Finding{
		Check:    c.name,
		Rule:     m.Name + "/" + name,
		Category: c.labels[label].Category,
		Severity: severity(r.score),
		Score:    r.score,
		From:     c.labels[label].From,
		Message:  fmt.Sprintf("the model reads this as %s%s", name, p.how),
	}
	if r.end-r.start < p.size || p.within {
		s := p.span(r.start, r.end)
		f.Span = &s
	}
	return f
}

func severity(score float64) guard.Severity {
	switch {
	case score >= 0.95:
		return guard.Critical
	case score >= 0.8:
		return guard.High
	case score >= 0.5:
		return guard.Medium
	}
	return guard.Low
}
