package guard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
)

// reader is a check that follows texts as the test says.
type reader struct {
	fakeCheck
	look func(ctx context.Context, raw string) (guard.Sight, error)
}

func (r reader) Follow() guard.Follower { return r }
func (r reader) Look(ctx context.Context, raw string) (guard.Sight, error) {
	return r.look(ctx, raw)
}

// reads is a reader that finds nothing in the end.
func reads(look func(ctx context.Context, raw string) (guard.Sight, error)) reader {
	return reader{finds("a", 0, 0).(fakeCheck), look}
}

// write gives parts of 100 bytes, a moment apart, and ends the text.
func write(parts int) <-chan string {
	chunks := make(chan string)
	go func() {
		defer close(chunks)
		for range parts {
			chunks <- strings.Repeat("x ", 50)
			time.Sleep(time.Millisecond)
		}
	}()
	return chunks
}

func TestGrowing(t *testing.T) {
	all := func(_ context.Context, raw string) (guard.Sight, error) {
		return guard.Sight{Clear: len(raw), Resume: len(raw)}, nil
	}
	at := func(score float64, start int) []guard.Finding {
		return []guard.Finding{{Check: "a", Rule: "a.rule", Score: score, Span: &guard.Span{Start: start, End: start + 1}}}
	}
	for name, tt := range map[string]struct {
		check    guard.Check
		want     guard.Decision
		through  int // the last watermark before the verdict
		judged   int
		sanitize func(string) (string, error)
	}{
		"cleared as it comes":          {reads(all), guard.Allow, 500, 500, nil},
		"cannot follow":                {finds("a", 0, 0), guard.Allow, 0, 500, nil},
		"looks fail, the end does not": {reads(func(context.Context, string) (guard.Sight, error) { return guard.Sight{}, guard.ErrOverloaded }), guard.Allow, 0, 500, nil},
		"looks panic":                  {reads(func(context.Context, string) (guard.Sight, error) { panic("text") }), guard.Allow, 0, 500, nil},
		"doubt holds": {reads(func(_ context.Context, raw string) (guard.Sight, error) {
			return guard.Sight{Clear: len(raw), Doubtful: at(0.9, 150)}, nil
		}), guard.Allow, 150, 500, nil},
		"a harmless doubt does not": {reads(func(_ context.Context, raw string) (guard.Sight, error) {
			return guard.Sight{Clear: len(raw), Doubtful: at(0.2, 150)}, nil
		}), guard.Allow, 500, 500, nil},
		"what is a risk in texts of others only": {reads(func(_ context.Context, raw string) (guard.Sight, error) {
			elsewhere := at(0.9, 50)
			elsewhere[0].From = guard.OriginsOf(guard.OriginTool)
			return guard.Sight{Clear: len(raw), Growing: elsewhere, Doubtful: elsewhere}, nil
		}), guard.Allow, 500, 500, nil},
		"certainty blocks, and fails closed if the whole does not agree": {reads(func(_ context.Context, raw string) (guard.Sight, error) {
			return guard.Sight{Clear: len(raw), Growing: at(0.9, 50)}, nil
		}), guard.Block, 50, 100, nil},
		"what was shown is not taken back": {
			reader{finds("a", 0.6, 0).(fakeCheck), all}, guard.Block, 500, 500, func(raw string) (string, error) { return "y" + raw[1:], nil },
		},
		"what was not shown is sanitised": {
			reader{finds("a", 0.6, 0).(fakeCheck), func(_ context.Context, raw string) (guard.Sight, error) {
				return guard.Sight{Clear: len(raw), Growing: at(0.6, 0)}, nil
			}}, guard.Sanitize, 0, 500, func(raw string) (string, error) { return "y" + raw[1:], nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := engine(t, fakePolicy{sanitize: tt.sanitize}, tt.check)
				through := 0
				chunks := write(5)
				text, r, err := e.ValidateGrowing(t.Context(), guard.Growing{Chunks: chunks, Progress: func(p guard.Progress) error {
					through = p.Through
					return nil
				}})
				if err != nil || r.Decision != tt.want || through != tt.through || len(text) != tt.judged {
					t.Errorf("%v, %v %v, cleared to %d of %d", err, r.Decision, r.Reasons, through, len(text))
				}
				for range chunks { // so that the writer ends
				}
			})
		})
	}
}

func TestGrowingEndsWithItsCaller(t *testing.T) {
	gone := errors.New("gone")
	for name, tt := range map[string]struct {
		plan guard.Plan
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		tell error
		want error
	}{
		"deadline": {ctx: func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, 3*time.Millisecond)
		}, want: context.DeadlineExceeded},
		"cause": {ctx: func(c context.Context) (context.Context, context.CancelFunc) {
			c, cancel := context.WithCancelCause(c)
			cancel(gone)
			return c, func() {}
		}, want: gone},
		"progress fails": {tell: gone, want: gone},
		"needs all":      {plan: guard.Plan{Checks: []string{"a"}, Whole: true}, want: guard.ErrNeedsWhole},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := engine(t, fakePolicy{plan: tt.plan}, reads(func(_ context.Context, raw string) (guard.Sight, error) {
					return guard.Sight{Clear: len(raw), Resume: len(raw)}, nil
				}))
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if tt.ctx != nil {
					ctx, cancel = tt.ctx(ctx)
				}
				defer cancel()
				chunks := write(20)
				_, r, err := e.ValidateGrowing(ctx, guard.Growing{Chunks: chunks, Progress: func(guard.Progress) error { return tt.tell }})
				if !errors.Is(err, tt.want) || r.Decision != guard.Block {
					t.Errorf("%v, %v", err, r)
				}
				for range chunks {
				}
			})
		})
	}
}

// TestEarlyVerdictRepeatsWhatWasTold: a verdict that ends a text while it is written
// waits for the check whose finding was passed on, though another blocks at once.
func TestEarlyVerdictRepeatsWhatWasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		found := guard.Finding{Check: "slow", Rule: "slow.rule", Score: 0.6, Span: &guard.Span{Start: 3, End: 4}}
		slow := reader{finds("slow", 0.6, time.Second).(fakeCheck), func(_ context.Context, raw string) (guard.Sight, error) {
			return guard.Sight{Clear: len(raw), Found: []guard.Finding{found}}, nil
		}}
		blocks := reader{finds("blocks", 0.9, 0).(fakeCheck), func(_ context.Context, raw string) (guard.Sight, error) {
			if len(raw) < 300 {
				return guard.Sight{Clear: len(raw)}, nil
			}
			return guard.Sight{Growing: []guard.Finding{{Check: "blocks", Rule: "blocks.rule", Score: 0.9, Span: &guard.Span{Start: 1, End: 2}}}}, nil
		}}
		e, chunks := engine(t, fakePolicy{}, slow, blocks), write(5)
		_, r, err := e.ValidateGrowing(t.Context(), guard.Growing{Chunks: chunks})
		if err != nil || r.Decision != guard.Block {
			t.Fatalf("%v %v", r.Decision, err)
		}
		for _, c := range r.Report.Checks {
			if c.State != guard.Completed || len(c.Findings) == 0 {
				t.Errorf("%s: %s, %v", c.Check, c.State, c.Findings)
			}
		}
		for range chunks {
		}
	})
}
