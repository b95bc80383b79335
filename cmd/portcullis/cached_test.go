package main

import (
	"math"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/config"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// score is what the fake model says of a text.
func (f *fakeService) score(t *testing.T, text string) float64 {
	t.Helper()
	v, err := f.client.Validate(t.Context(), &pb.ValidateRequest{Text: text})
	if err != nil || len(v.GetScores()) != 1 {
		t.Fatalf("%v, %v", v, err)
	}
	return v.GetScores()[0].GetScore()
}

func TestTheSameTextIsScoredOnce(t *testing.T) {
	for name, enabled := range map[string]bool{"with a cache": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			s := &stubborn{logit: -4}
			f := startFakes(t, func(l modelLoader) (*loadedModel, error) { return s.model(t, l, "d", 0), nil },
				func(c *config.Config) { c.Cache.Enabled = enabled })
			for _, text := range []string{"hello", "hello", "Hello", "good bye"} { // the model reads lower case
				if got := f.score(t, text); math.Abs(got-s.score()) > 1e-9 {
					t.Errorf("%s: score %v, want %v", text, got, s.score())
				}
			}
			want := []string{`portcullis_batch_items_total{executor="fake",model="fake"} 4`, `portcullis_cache_bytes{model="fake"} 0`}
			if enabled {
				want = []string{
					`portcullis_batch_items_total{executor="fake",model="fake"} 2`,
					`portcullis_cache_windows_total{model="fake",result="hit"} 2`,
					`portcullis_cache_windows_total{model="fake",result="miss"} 2`,
				}
			}
			// a batch is counted after its callers have their answers
			eventually(t, "counted", func() bool { _, page := secondPortOf(f, "/metrics"); return contains(page, want...) })
		})
	}
}

// TestNothingOfARetiredDeviceIsRemembered: what it said before it was found wrong may
// be wrong, and would be said for ever.
func TestNothingOfARetiredDeviceIsRemembered(t *testing.T) {
	s := &stubborn{logit: -4}
	f := startFakes(t, func(l modelLoader) (*loadedModel, error) { return s.model(t, l, "d", 2*time.Second), nil })
	s.wrong.Store(true)
	if wrong := f.score(t, "hello"); wrong < 0.9 {
		t.Fatalf("score %v of a device that is wrong", wrong)
	}
	eventually(t, "NOT_SERVING", func() bool { return f.status(t) == 2 })
	s.wrong.Store(false)
	eventually(t, "SERVING", func() bool { return f.status(t) == 1 })
	if got := f.score(t, "hello"); math.Abs(got-s.score()) > 1e-9 {
		t.Errorf("score %v, want %v", got, s.score())
	}
}
