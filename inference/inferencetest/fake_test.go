package inferencetest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
)

var config = inferencetest.FakeConfig{Labels: 3, Mark: []int32{7, 8, 9}, MarkLabel: 1, Vocabulary: 50, MaxLength: 16}

func TestFakeIsABackend(t *testing.T) {
	inferencetest.RunBackend(t, func(*testing.T) inferencetest.Harness {
		slow := inferencetest.NewFake(config)
		slow.Hang()
		return inferencetest.Harness{
			Backend: inferencetest.NewFake(config), Slow: slow,
			Labels: config.Labels, Vocabulary: config.Vocabulary, MaxLength: config.MaxLength,
		}
	})
}

func TestMark(t *testing.T) {
	for name, c := range map[string]struct {
		ids  []int32
		want bool
	}{
		"at the start": {[]int32{7, 8, 9, 1}, true},
		"at the end":   {[]int32{1, 7, 8, 9}, true},
		"alone":        {[]int32{7, 8, 9}, true},
		"cut":          {[]int32{1, 7, 8}, false},
		"apart":        {[]int32{7, 8, 1, 9}, false},
	} {
		row := config.Row(c.ids)
		if got := row[1] == inferencetest.High; got != c.want || row[0] > inferencetest.Low+1 || row[2] > inferencetest.Low+1 {
			t.Errorf("%s: row %v, marked: want %v", name, row, c.want)
		}
	}
}

func TestFakeMisbehaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, batch := inferencetest.NewFake(config), []inference.Encoding{{IDs: []int32{1, 2}}}
		broken := errors.New("broken")
		fake.FailWith(broken)
		if _, err := fake.Run(t.Context(), batch); !errors.Is(err, broken) {
			t.Errorf("error %v, want %v", err, broken)
		}
		fake.Hang()
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		if _, err := fake.Run(ctx, batch); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the deadline", err)
		}
		fake.PanicWith("broken")
		func() {
			defer func() {
				if got := recover(); got != "broken" {
					t.Errorf("panic %v, want %q", got, "broken")
				}
			}()
			_, _ = fake.Run(t.Context(), batch)
		}()
		fake.Heal()
		if rows, err := fake.Run(t.Context(), batch); err != nil || len(rows) != 1 {
			t.Errorf("rows %v, error %v after Heal", rows, err)
		}
		if fake.Runs() != 4 || fake.Rows() != 1 {
			t.Errorf("%d runs, %d rows, want 4 and 1", fake.Runs(), fake.Rows())
		}
	})
}
