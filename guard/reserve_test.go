package guard_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
)

// leaves wants a verdict of text within a second, and so much of it left then. The clock is
// the test's.
func leaves(t *testing.T, e *guard.Engine, text string, left time.Duration, emit func(guard.CheckReport) error) guard.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	got, err := e.Validate(ctx, guard.Request{Text: text}, emit)
	if err != nil {
		t.Fatalf("no verdict: %v", err)
	}
	if at, _ := ctx.Deadline(); time.Until(at) < left {
		t.Errorf("%v are left for the verdict to arrive, want %v", time.Until(at), left)
	}
	return got
}

// Where the second look, at what sanitising leaves, finds little time, as much of it is kept
// as the verdict needs, and the verdict says which check did not end.
func TestASecondLookKeepsTimeForTheVerdict(t *testing.T) {
	for name, tt := range map[string]struct {
		look time.Duration // that each takes
		left time.Duration
	}{
		"nearly all gone":   {945 * time.Millisecond, 25 * time.Millisecond},
		"little is left":    {900 * time.Millisecond, 50 * time.Millisecond},
		"more than a third": {600 * time.Millisecond, 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := engine(t, fakePolicy{}, finds("slow", 0.6, tt.look))
				got := leaves(t, e, "x", tt.left, nil)
				if got.Decision != guard.Review || !slices.Equal(states(got), []guard.CheckState{guard.TimedOut}) {
					t.Errorf("%s, %v", got.Decision, states(got))
				}
				if c := got.Report.Checks[0]; c.Coverage != 0.5 || !c.Ran() {
					t.Errorf("coverage %v, ran %v", c.Coverage, c.Ran())
				}
			})
		})
	}
}

// Whoever is told of a check may take long to hear it. A check that ignores its context has
// less time then, not the verdict.
func TestASlowListenerCostsTheVerdictNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf := fakeCheck{"deaf", func(context.Context, *guard.Text) (guard.Inspection, error) {
			time.Sleep(time.Hour)
			return guard.Inspection{Coverage: 1}, nil
		}}
		e := engine(t, fakePolicy{}, deaf, finds("quick", 0, 940*time.Millisecond))
		got := leaves(t, e, "x", 25*time.Millisecond, func(c guard.CheckReport) error {
			if c.Check == "quick" {
				time.Sleep(30 * time.Millisecond) // until 970 ms
			}
			return nil
		})
		if !slices.Equal(states(got), []guard.CheckState{guard.TimedOut, guard.Completed}) {
			t.Errorf("%v", states(got))
		}
	})
}

// A check whose looks at a growing text hang is asked once more about the whole of it, and
// may hang again.
func TestHangingLooksLeaveTimeForTheVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := fakeCheck{"a", func(context.Context, *guard.Text) (guard.Inspection, error) {
			time.Sleep(time.Hour)
			return guard.Inspection{Coverage: 1}, nil
		}}
		e := engine(t, fakePolicy{}, reader{hang, func(context.Context, string) (guard.Sight, error) {
			time.Sleep(time.Hour)
			return guard.Sight{}, nil
		}})
		const life = time.Second
		ctx, cancel := context.WithTimeout(t.Context(), life)
		defer cancel()
		_, got, err := e.ValidateGrowing(ctx, guard.Growing{Policy: "fake", Chunks: write(5)})
		if err != nil || got.Decision != guard.Review || !slices.Equal(states(got), []guard.CheckState{guard.TimedOut}) {
			t.Fatalf("%s, %v, %v", got.Decision, states(got), err)
		}
		if at, _ := ctx.Deadline(); time.Until(at) < 5*time.Millisecond {
			t.Errorf("%v are left for the verdict to arrive", time.Until(at))
		}
	})
}
