package guard_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/portcullis-ai/portcullis/guard"
)

// TestRedactionKnowsItsSource: every range of what is left stands for what was there,
// a placeholder for all that it took the place of.
func TestRedactionKnowsItsSource(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		raw := strings.Repeat("abcdefgh", 1+r.IntN(4))
		var cuts []guard.Cut
		for at := r.IntN(5); at < len(raw); {
			c := guard.Cut{Span: guard.Span{Start: at, End: min(at+1+r.IntN(4), len(raw))}, Placeholder: strings.Repeat("#", r.IntN(7))}
			cuts, at = append(cuts, c), c.End+r.IntN(4)
		}
		left, err := guard.Redact(raw, cuts)
		if err != nil {
			t.Fatal(err)
		}
		start := r.IntN(len(left.Text) + 1)
		end := start + r.IntN(len(left.Text)+1-start)
		if start == end {
			continue
		}
		s := left.Source(guard.Span{Start: start, End: end})
		inside := slices.DeleteFunc(slices.Clone(cuts), func(c guard.Cut) bool { return !c.Overlaps(s) })
		for i := range inside {
			inside[i].Start, inside[i].End = inside[i].Start-s.Start, inside[i].End-s.Start
		}
		again, err := guard.Redact(raw[s.Start:s.End], inside) // fails if the range cuts a cut
		if err != nil || !strings.Contains(again.Text, strings.Trim(left.Text[start:end], "#")) {
			t.Fatalf("%q of %q stands for %v of %q: %q, %v", left.Text[start:end], left.Text, s, raw, again.Text, err)
		}
	}
}

func TestRedactRefuses(t *testing.T) {
	cut := func(start, end int) guard.Cut { return guard.Cut{Span: guard.Span{Start: start, End: end}} }
	for name, cuts := range map[string][]guard.Cut{
		"before the text": {cut(-1, 2)}, "behind the text": {cut(3, 5)}, "nothing": {cut(2, 2)}, "overlapping": {cut(0, 2), cut(1, 3)}, "out of order": {cut(2, 3), cut(0, 1)},
	} {
		if r, err := guard.Redact("abcd", cuts); err == nil {
			t.Errorf("%s: %q", name, r.Text)
		}
	}
}

// onlyFirst finds the first letter of a text, so that each hides those behind it. It
// fails where it finds f after others, and finds worse in z.
func onlyFirst(_ context.Context, text *guard.Text) (guard.Inspection, error) {
	in := guard.Inspection{Coverage: 1}
	i := strings.IndexFunc(text.Raw, unicode.IsLetter)
	if i < 0 {
		return in, nil
	}
	score := 0.6
	switch text.Raw[i] {
	case 'f':
		return in, errors.New("the device is lost")
	case 'z':
		score = 0.9
	}
	in.Findings = []guard.Finding{{Check: "c", Rule: "c.letter", Score: score, Span: &guard.Span{Start: i, End: i + 1}}}
	return in, nil
}

func TestWhatSanitisingLeavesIsLookedAtAgain(t *testing.T) {
	for text, tc := range map[string]struct {
		want  guard.Decision
		clean string
		spans []guard.Span
	}{
		"1 2":      {guard.Allow, "", nil},
		"1 a 2":    {guard.Sanitize, "1 # 2", []guard.Span{{Start: 2, End: 3}}},
		"1 a bc 2": {guard.Sanitize, "1 # ## 2", []guard.Span{{Start: 2, End: 3}, {Start: 4, End: 5}, {Start: 5, End: 6}}},
		"a z":      {guard.Block, "", []guard.Span{{Start: 0, End: 1}, {Start: 2, End: 3}}},
		"a f":      {guard.Review, "", []guard.Span{{Start: 0, End: 1}}},
		"abcde":    {guard.Block, "", nil}, // it comes to no end
	} {
		t.Run(text, func(t *testing.T) {
			got, err := engine(t, fakePolicy{}, fakeCheck{"c", onlyFirst}).Validate(t.Context(), guard.Request{Text: text}, nil)
			if err != nil || got.Decision != tc.want || (got.Sanitized != nil) != (tc.want == guard.Sanitize) || got.Sanitized != nil && *got.Sanitized != tc.clean {
				t.Fatalf("%v, %s %q, sanitised %v", err, got.Decision, got.Reasons, got.Sanitized)
			}
			var spans []guard.Span
			for i, f := range got.Findings {
				spans = append(spans, *f.Span)
				if again := strings.Contains(f.Message, "seen once"); again != (i > 0) {
					t.Errorf("finding %d says %q", i, f.Message)
				}
			}
			if tc.spans != nil && !slices.Equal(spans, tc.spans) {
				t.Errorf("found at %v, want %v", spans, tc.spans)
			}
		})
	}
}
