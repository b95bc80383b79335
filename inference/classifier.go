package inference

import (
	"context"
	"fmt"
)

// WindowScore is what the model says of one window.
type WindowScore struct {
	Span   Span
	Scores []float64 // one probability per label, in the model's order; nil: not scored
}

// Classifier scores texts with one model.
type Classifier struct {
	model     Model
	tokenizer Tokenizer
	run       Runner
}

// NewClassifier joins a model's tokenizer with what runs it.
func NewClassifier(m Model, t Tokenizer, run Runner) *Classifier {
	return &Classifier{model: m, tokenizer: t, run: run}
}

// Model describes the model behind the classifier.
func (c *Classifier) Model() Model { return c.model }

// Encode returns the windows of a text, so that a caller can tell whether two
// texts are the same to the model.
func (c *Classifier) Encode(text string) []Encoding { return c.tokenizer.Encode(text) }

// Grow follows one text that is being written.
func (c *Classifier) Grow() Growth { return c.tokenizer.Grow() }

// Score returns one WindowScore per window, in order.
//
// On error the result is still as long as windows, and the windows that were
// scored before it hold their scores.
func (c *Classifier) Score(ctx context.Context, windows []Encoding) ([]WindowScore, error) {
	rows, err := c.run(ctx, windows)
	if err == nil && len(rows) != len(windows) {
		err = fmt.Errorf("model %s gave %d rows for %d windows", c.model.Name, len(rows), len(windows))
	}
	scores := make([]WindowScore, len(windows))
	for i, w := range windows {
		scores[i].Span = w.Span
		if i >= len(rows) || rows[i] == nil {
			if err == nil {
				err = fmt.Errorf("model %s gave no row for a window", c.model.Name)
			}
			continue
		}
		var bad error
		if scores[i].Scores, bad = c.model.Probabilities(rows[i]); bad != nil && err == nil {
			err = bad
		}
	}
	return scores, err
}

// Classify scores a text: Encode, then Score.
func (c *Classifier) Classify(ctx context.Context, text string) ([]WindowScore, error) {
	return c.Score(ctx, c.Encode(text))
}

// Max returns the highest probability per label over the windows, nil if no
// window was scored.
func Max(windows []WindowScore) []float64 {
	var worst []float64
	for _, w := range windows {
		if worst == nil && w.Scores != nil {
			worst = make([]float64, len(w.Scores))
		}
		for i, s := range w.Scores {
			worst[i] = max(worst[i], s)
		}
	}
	return worst
}
