package inference

import (
	"context"
	"fmt"
	"math"
)

// KnownAnswer is a text whose scores are known.
type KnownAnswer struct {
	Text      string
	Scores    map[string]float64 // by label; labels left out are not compared
	Tolerance float64
}

// SelfTest classifies the known texts and compares. It tells a model that
// answers, and answers itself, from one that answers 0.499 to everything or
// runs with another model's weights. An error names the model, the number of
// the text, the label, and both scores.
func SelfTest(ctx context.Context, c *Classifier, answers []KnownAnswer) error {
	for n, a := range answers {
		windows, err := c.Classify(ctx, a.Text)
		if err != nil {
			return fmt.Errorf("known answer %d of model %s: %w", n+1, c.model.Name, err)
		}
		got := Max(windows)
		for i, l := range c.model.Labels {
			want, ok := a.Scores[l.Name]
			if ok && math.Abs(got[i]-want) > a.Tolerance {
				return fmt.Errorf("known answer %d of model %s: %s is %.4f, must be %.4f ± %.4f: this is not the model of its manifest, or the device computes wrong",
					n+1, c.model.Name, l.Name, got[i], want, a.Tolerance)
			}
		}
	}
	return nil
}
