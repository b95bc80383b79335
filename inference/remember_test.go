package inference_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
)

// TestRememberingRunsNoWindowTwice asks for overlapping sets of windows; one of
// them fails at first, and is asked for again.
func TestRememberingRunsNoWindowTwice(t *testing.T) {
	ran, fail := map[int32]int{}, true
	run := func(_ context.Context, windows []inference.Encoding) ([][]float32, error) {
		rows := make([][]float32, len(windows))
		for i, w := range windows {
			if w.IDs[0] == 3 && fail {
				fail = false
				return rows, errors.New("lost")
			}
			ran[w.IDs[0]]++
			rows[i] = []float32{float32(w.IDs[0]), 0}
		}
		return rows, nil
	}
	plain := inference.NewClassifier(two(inference.Sigmoid), words{}, run)
	c := plain.Remembering()
	window := func(ids ...int32) (all []inference.Encoding) {
		for _, id := range ids {
			all = append(all, inference.Encoding{IDs: []int32{id}})
		}
		return all
	}
	if _, err := c.Score(t.Context(), window(1, 2)); err != nil {
		t.Fatal(err)
	}
	scores, err := c.Score(t.Context(), window(2, 4, 3, 5))
	if err == nil || scores[0].Scores == nil || scores[1].Scores == nil || scores[2].Scores != nil {
		t.Fatalf("scores %v, error %v", scores, err)
	}
	scores, err = c.Score(t.Context(), window(5, 3, 2, 1, 4))
	if err != nil {
		t.Fatal(err)
	}
	for id := int32(1); id <= 5; id++ {
		if ran[id] != 1 {
			t.Errorf("window %d ran %d times", id, ran[id])
		}
	}
	want, _ := plain.Score(t.Context(), window(5, 3, 2, 1, 4))
	for i := range want {
		if !slices.Equal(scores[i].Scores, want[i].Scores) {
			t.Errorf("window %d: %v, want %v", i, scores[i], want[i])
		}
	}
}
