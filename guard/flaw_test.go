package guard_test

import (
	"context"
	"math"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// What a check cannot have measured fails it, and makes nothing milder.
func TestWhatCannotBeFailsTheCheck(t *testing.T) {
	minus := -1
	at := func(start, end int) guard.Inspection {
		return guard.Inspection{Coverage: 1, Findings: []guard.Finding{{Check: "odd", Rule: "odd.rule", Score: 0.2, Span: &guard.Span{Start: start, End: end}}}}
	}
	scoring := func(score float64) guard.Inspection {
		return guard.Inspection{Coverage: 1, Findings: []guard.Finding{{Check: "odd", Rule: "odd.rule", Score: score}}}
	}
	for name, tc := range map[string]struct {
		in    guard.Inspection
		score float64 // of the finding that is told
	}{
		"no number":             {scoring(math.NaN()), 1},
		"less than nothing":     {scoring(-1), 1},
		"more than certain":     {scoring(1.5), 1},
		"before the text":       {at(-1, 3), 1},
		"after the text":        {at(0, 6), 1},
		"nothing of the text":   {at(2, 2), 1},
		"fewer than no tokens":  {guard.Inspection{Coverage: 1, Tokens: &minus}, 0},
		"coverage is no number": {guard.Inspection{Coverage: math.NaN()}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			check := fakeCheck{"odd", func(context.Context, *guard.Text) (guard.Inspection, error) { return tc.in, nil }}
			e := engine(t, fakePolicy{plan: guard.Plan{Checks: []string{"odd"}}}, check)
			r, err := e.Validate(t.Context(), guard.Request{Text: "hello"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			c := r.Report.Checks[0]
			if c.State != guard.Failed || c.Err == nil || r.Decision > guard.Review || c.Tokens != nil || c.Coverage != tc.in.Coverage && c.Coverage != 0 {
				t.Errorf("%s, %v, %s", c.State, c.Err, r.Decision)
			}
			if c.Score() != tc.score || (tc.score > 0 && (r.Decision != guard.Block || c.Findings[0].Span != nil)) {
				t.Errorf("score %v, %s, %+v", c.Score(), r.Decision, c.Findings)
			}
		})
	}
}
