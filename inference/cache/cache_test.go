package cache_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/cache"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
)

func TestKnownWindowsAreNotRun(t *testing.T) {
	fake, c := inferencetest.NewFake(model), newCache()
	run := c.Around(fake.Run)
	ask1(t, run, windows(1, 2, 3))
	ask1(t, run, windows(3, 4, 1, 4)) // 4 twice in one text
	ask1(t, run, windows(4, 3, 2, 1))
	ask1(t, run, nil)
	if fake.Rows() != 4 || fake.Runs() != 2 {
		t.Errorf("%d windows in %d runs, want 4 in 2", fake.Rows(), fake.Runs())
	}
	got := c.Stats()
	if got.Bytes == 0 {
		t.Error("four rows take no memory")
	}
	got.Bytes = 0
	if want := (cache.Stats{Hits: 6, Joined: 1, Misses: 4}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

// TestWindowsAreToldApart: nothing but the same ids in the same order is the same.
func TestWindowsAreToldApart(t *testing.T) {
	run := newCache().Around(inferencetest.NewFake(model).Run)
	for _, ids := range [][]int32{{}, {0}, {0, 0}, {1}, {256}, {1, 2}, {2, 1}, {1, 2, 0}, {math.MaxInt32}, make([]int32, 512), make([]int32, 513), make([]int32, 5000)} {
		rows, err := run(t.Context(), []inference.Encoding{{IDs: ids, Span: inference.Span{End: 7}}})
		if len(ids) == 0 {
			if err == nil {
				t.Error("the fake takes no empty window, and the cache gave it a row")
			}
			continue
		}
		if err != nil || !slices.Equal(rows[0], model.Row(ids)) {
			t.Errorf("%d ids: %v, %v", len(ids), rows, err)
		}
	}
}

func TestFailuresAreNotRemembered(t *testing.T) {
	fake, c := inferencetest.NewFake(model), newCache()
	for name, run := range map[string]inference.Runner{
		"an error": func(context.Context, []inference.Encoding) ([][]float32, error) {
			return nil, errLost
		},
		"an error, and rows that had finished": func(context.Context, []inference.Encoding) ([][]float32, error) {
			return [][]float32{{1, 2, 3}, nil}, errLost
		},
		"too few rows": func(context.Context, []inference.Encoding) ([][]float32, error) {
			return [][]float32{{1, 2, 3}}, nil
		},
		"too many rows": func(context.Context, []inference.Encoding) ([][]float32, error) {
			return slices.Repeat([][]float32{{1, 2, 3}}, 3), nil
		},
		"a panic": func(context.Context, []inference.Encoding) ([][]float32, error) { panic("a text") },
	} {
		rows, err := c.Around(run)(t.Context(), windows(1, 2))
		if err == nil || len(rows) != 2 {
			t.Errorf("%s: %v, %v", name, rows, err)
		}
		if name == "an error, and rows that had finished" && !slices.Equal(rows[0], []float32{1, 2, 3}) {
			t.Errorf("%s: rows %v", name, rows)
		}
	}
	for name, row := range map[string][]float32{"not finite": {1, float32(math.NaN()), 1}, "infinite": {float32(math.Inf(-1)), 1, 1}, "none": nil, "empty": {}} {
		rows, err := c.Around(func(context.Context, []inference.Encoding) ([][]float32, error) {
			return [][]float32{row}, nil
		})(t.Context(), windows(1))
		if err != nil || len(rows) != 1 || len(rows[0]) != len(row) {
			t.Errorf("%s: %v, %v: what to say of it is the classifier's", name, rows, err)
		}
	}
	ask1(t, c.Around(fake.Run), windows(1, 2))
	if fake.Rows() != 2 {
		t.Errorf("%d windows run after nothing but failures, want 2", fake.Rows())
	}
}

// TestRowsAreCopied: a backend gives rows that are parts of one large slice, and may
// not be kept alive, or changed, by one of them.
func TestRowsAreCopied(t *testing.T) {
	var given [][]float32
	run := newCache().Around(func(_ context.Context, w []inference.Encoding) ([][]float32, error) {
		given = [][]float32{model.Row(w[0].IDs)}
		return given, nil
	})
	ask1(t, run, windows(1))
	given[0][0] = 77
	ask1(t, run, windows(1))
}

func TestForget(t *testing.T) {
	fake, c := inferencetest.NewFake(model), newCache()
	run := c.Around(fake.Run)
	ask1(t, run, windows(1))
	c.Forget()
	if c.Stats().Bytes != 0 {
		t.Errorf("%d bytes after all is forgotten", c.Stats().Bytes)
	}
	ask1(t, run, windows(1))
	if fake.Rows() != 2 {
		t.Errorf("%d windows run, want 2", fake.Rows())
	}
}

func TestCachesKnowNothingOfEachOther(t *testing.T) {
	one, two := newCache(), newCache()
	ask1(t, one.Around(inferencetest.NewFake(model).Run), windows(1))
	fake := inferencetest.NewFake(model)
	ask1(t, two.Around(fake.Run), windows(1))
	if fake.Rows() != 1 {
		t.Error("a row passed from one model to another")
	}
}

func TestDisabled(t *testing.T) {
	cfg := cache.DefaultConfig()
	cfg.Enabled = false
	fake, c := inferencetest.NewFake(model), cache.New(cfg, flowOf)
	for range 2 {
		ask1(t, c.Around(fake.Run), windows(1))
	}
	if fake.Rows() != 2 || c.Stats() != (cache.Stats{}) {
		t.Errorf("%d windows run, stats %+v", fake.Rows(), c.Stats())
	}
}

func TestConfig(t *testing.T) {
	if err := cache.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, bytes := range []int{-1, 0, 64} {
		if err := (cache.Config{Enabled: true, MaxBytes: bytes}).Validate(); err == nil {
			t.Errorf("%d bytes accepted", bytes)
		}
	}
}

func TestCallsThatHaveEndedRunNothing(t *testing.T) {
	fake := inferencetest.NewFake(model)
	run := newCache().Around(fake.Run)
	ask1(t, run, windows(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rows, err := run(ctx, windows(1, 2))
	if !errors.Is(err, context.Canceled) || len(rows) != 2 || rows[0] == nil || rows[1] != nil || fake.Rows() != 1 {
		t.Errorf("rows %v, %v, %d run", rows, err, fake.Rows())
	}
}
