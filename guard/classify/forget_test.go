package classify

import (
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/inference"
)

// TestFollowForgets: however long the text, however many of its windows are found,
// a look has no more to go through than one run of each label.
func TestFollowForgets(t *testing.T) {
	labels := []inference.Label{{Name: "always"}, {Name: "at times"}, {Name: "neutral"}}
	check := &Check{
		classifier: inference.NewClassifier(inference.Model{Name: "m", Labels: labels}, nil, nil),
		labels:     []Label{{Category: guard.Toxicity}, {Category: guard.Toxicity}, {Category: guard.Neutral}},
	}
	f := &follower{Check: check, growth: still{}, runs: make([][]stretch, len(labels))}
	found := 0
	for i := range 1000 {
		f.next = 10 * (i + 1)
		f.close([]inference.WindowScore{{Span: inference.Span{Start: 10 * i, End: 10*i + 12}, Scores: []float64{1, float64(i / 2 % 2), 1}}})
		s := f.sight()
		found += len(s.Found)
		if len(f.runs[0]) != 1 || len(f.runs[1]) > 1 || f.runs[2] != nil || len(s.Growing) > 2 {
			t.Fatalf("window %d: %v are kept", i, f.runs)
		}
	}
	if found != 249 {
		t.Errorf("%d runs were passed on, want 249 that ended", found)
	}
}

// still is a text that does not grow.
type still struct{}

func (still) Encode(string) ([]inference.Encoding, int) { return nil, 0 }
func (still) Settled() int                              { return 0 }
