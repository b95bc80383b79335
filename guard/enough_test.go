package guard_test

import (
	"context"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// TestEnoughIsCutShort: a check is told the limit of the plan and no other, and one
// that stops for it is cut short, which is no failure and clears nothing.
func TestEnoughIsCutShort(t *testing.T) {
	for _, limit := range []int{0, 7} {
		n := limit + 1
		counting := fakeCheck{"counting", func(ctx context.Context, _ *guard.Text) (guard.Inspection, error) {
			if told, ok := guard.EnoughTokens(ctx); told != limit || ok != (limit > 0) {
				t.Errorf("told %d, %t, want %d", told, ok, limit)
			}
			return guard.Inspection{Tokens: &n, Coverage: 0.25}, guard.ErrEnough
		}}
		e := engine(t, fakePolicy{plan: guard.Plan{EnoughTokens: limit, Checks: []string{"counting"}}}, counting)
		got, err := e.Validate(t.Context(), guard.Request{Text: "text"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := got.Report.Checks[0]
		if tokens, ok := got.Report.Tokens(); c.State != guard.CutShort || c.Err != nil || c.Coverage != 0.25 || tokens != n || !ok {
			t.Errorf("limit %d: %+v", limit, c)
		}
	}
}
