package inference_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
)

// words makes a window of every word: enough of a tokenizer to see what the
// classifier does with windows.
type words struct{}

func (words) Encode(text string) (windows []inference.Encoding) {
	at := 0
	for _, w := range strings.SplitAfter(text, " ") {
		windows = append(windows, inference.Encoding{IDs: []int32{int32(len(w))}, Span: inference.Span{Start: at, End: at + len(w)}})
		at += len(w)
	}
	return windows
}

func (words) Grow() inference.Growth { return nil } // no text grows here

func two(a inference.Activation) inference.Model {
	return inference.Model{Name: "two", Activation: a, Labels: []inference.Label{{Name: "bad", Scale: 1}, {Name: "worse", Scale: 2, Bias: 1}}}
}

func constant(rows ...[]float32) inference.Runner {
	return func(_ context.Context, w []inference.Encoding) ([][]float32, error) {
		return rows[:min(len(rows), len(w))], nil
	}
}

func TestProbabilities(t *testing.T) {
	for _, tc := range []struct {
		name       string
		activation inference.Activation
		logits     []float32
		want       []float64
	}{
		{"sigmoid keeps labels apart", inference.Sigmoid, []float32{0, 0}, []float64{0.5, 0.7310585786300049}},
		{"softmax shares one", inference.Softmax, []float32{1, 0}, []float64{0.5, 0.5}},
		{"softmax of huge logits", inference.Softmax, []float32{3e38, 0}, []float64{1, 0}},
		{"sigmoid of huge logits", inference.Sigmoid, []float32{-3e38, 1e38}, []float64{0, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := two(tc.activation).Probabilities(tc.logits)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if math.Abs(got[i]-tc.want[i]) > 1e-9 {
					t.Errorf("label %d: got %v, want %v", i, got[i], tc.want[i])
				}
			}
		})
	}
}

func TestProbabilitiesRefuseBrokenRows(t *testing.T) {
	nan := float32(math.NaN())
	for _, row := range [][]float32{nil, {1}, {1, 2, 3}, {nan, 0}, {0, float32(math.Inf(1))}} {
		if got, err := two(inference.Sigmoid).Probabilities(row); err == nil {
			t.Errorf("%v was taken for %v", row, got)
		}
	}
}

func TestClassifyKeepsOrderAndSpans(t *testing.T) {
	c := inference.NewClassifier(two(inference.Sigmoid), words{}, constant([]float32{-9, 0}, []float32{9, -9}))
	got, err := c.Classify(t.Context(), "first second")
	if err != nil {
		t.Fatal(err)
	}
	if want := (inference.Span{Start: 6, End: 12}); got[1].Span != want {
		t.Errorf("span %v, want %v", got[1].Span, want)
	}
	worst := inference.Max(got)
	if worst[0] < 0.99 || math.Abs(worst[1]-0.7310585786300049) > 1e-9 {
		t.Errorf("worst per label: %v", worst)
	}
}

func TestClassifyKeepsWhatWasScoredBeforeAnError(t *testing.T) {
	boom := errors.New("boom")
	c := inference.NewClassifier(two(inference.Sigmoid), words{}, func(context.Context, []inference.Encoding) ([][]float32, error) {
		return [][]float32{nil, {1, 1}}, boom
	})
	got, err := c.Classify(t.Context(), "first second third")
	if !errors.Is(err, boom) {
		t.Fatalf("error %v", err)
	}
	if got[0].Scores != nil || got[1].Scores == nil || got[2].Scores != nil {
		t.Errorf("scored the wrong windows: %v", got)
	}
}

func TestClassifyRefusesMissingRows(t *testing.T) {
	for name, run := range map[string]inference.Runner{
		"too few": constant([]float32{1, 1}),
		"nil row": constant([]float32{1, 1}, nil),
	} {
		if _, err := inference.NewClassifier(two(inference.Sigmoid), words{}, run).Classify(t.Context(), "first second"); err == nil {
			t.Errorf("%s: no error, so a text passed unseen", name)
		}
	}
}

func TestSelfTest(t *testing.T) {
	answers := []inference.KnownAnswer{{Text: "one", Scores: map[string]float64{"bad": 0.9999}, Tolerance: 0.01}}
	good := inference.NewClassifier(two(inference.Sigmoid), words{}, constant([]float32{9, 0}))
	if err := inference.SelfTest(t.Context(), good, answers); err != nil {
		t.Errorf("a good model: %v", err)
	}
	stuck := inference.NewClassifier(two(inference.Sigmoid), words{}, constant([]float32{0, 0}))
	err := inference.SelfTest(t.Context(), stuck, answers)
	if err == nil || !strings.Contains(err.Error(), "bad is 0.5000") {
		t.Errorf("a model stuck at 0.5: %v", err)
	}
}

// TestSelfTestOfManyTexts: each answer is compared with the windows of its own text,
// and no call is larger than a device has room for.
func TestSelfTestOfManyTexts(t *testing.T) {
	calls := 0
	run := func(_ context.Context, windows []inference.Encoding) ([][]float32, error) {
		calls++
		rows := make([][]float32, len(windows))
		for i, w := range windows { // a long word is bad
			rows[i] = []float32{float32(10 * (w.IDs[0] - 8)), 0}
		}
		if len(windows) > 16 {
			t.Errorf("%d windows in one call", len(windows))
		}
		return rows, nil
	}
	c := inference.NewClassifier(two(inference.Sigmoid), words{}, run)
	var answers []inference.KnownAnswer
	for range 7 {
		answers = append(answers,
			inference.KnownAnswer{Text: "one two three", Scores: map[string]float64{"bad": 0}, Tolerance: 0.01},
			inference.KnownAnswer{Text: "one considerable", Scores: map[string]float64{"bad": 1}, Tolerance: 0.01})
	}
	if err := inference.SelfTest(t.Context(), c, answers); err != nil {
		t.Error(err)
	}
	if calls != 3 {
		t.Errorf("%d calls for 35 windows, want 3", calls)
	}
	answers[9].Scores["bad"] = 0
	if err := inference.SelfTest(t.Context(), c, answers); err == nil || !strings.Contains(err.Error(), "known answer 10 of") {
		t.Errorf("error %v, want the tenth named", err)
	}
	if err := inference.SelfTest(t.Context(), c, nil); err != nil {
		t.Errorf("no known answers: %v", err)
	}
}
