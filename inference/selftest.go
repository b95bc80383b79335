package inference

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// KnownAnswer is a text whose scores are known.
type KnownAnswer struct {
	Text      string
	Scores    map[string]float64 // by label; labels left out are not compared
	Tolerance float64
}

// selfTestBatch is how many windows are tested at a time: a device has room for
// so many, however many answers are known.
const selfTestBatch = 16

// SelfTest classifies the known texts and compares. It tells a model that
// answers, and answers itself, from one that answers 0.499 to everything or
// runs with another model's weights. Texts go to the runner several at a time, as
// requests do on a busy device: where it lays them in one tensor, one text that
// shows in another's scores is noticed. An error names the model, the number of
// the text, the label, and both scores.
func SelfTest(ctx context.Context, c *Classifier, answers []KnownAnswer) error {
	var windows []Encoding
	ends := make([]int, len(answers)) // of each text, in windows
	for i, a := range answers {
		windows = append(windows, c.Encode(a.Text)...)
		ends[i] = len(windows)
	}
	var scored []WindowScore
	for some := range slices.Chunk(windows, selfTestBatch) {
		scores, err := c.Score(ctx, some)
		if err != nil {
			return fmt.Errorf("known answers of model %s: %w", c.model.Name, err)
		}
		scored = append(scored, scores...)
	}
	from := 0
	for i, a := range answers {
		if err := c.compare(Max(scored[from:ends[i]]), a); err != nil {
			return fmt.Errorf("known answer %d of model %s: %w", i+1, c.model.Name, err)
		}
		from = ends[i]
	}
	return nil
}

func (c *Classifier) compare(got []float64, a KnownAnswer) error {
	for i, l := range c.model.Labels {
		want, ok := a.Scores[l.Name]
		if ok && math.Abs(got[i]-want) > a.Tolerance {
			return fmt.Errorf("%s is %.4f, must be %.4f ± %.4f: this is not the model of its manifest, or the device computes wrong",
				l.Name, got[i], want, a.Tolerance)
		}
	}
	return nil
}
