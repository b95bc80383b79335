package tokens

import (
	"errors"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// TestInspectStopsAtTheLimit: whatever a check told a limit says, it is over the
// limit exactly when the whole count is; and it reads no more than it must.
func TestInspectStopsAtTheLimit(t *testing.T) {
	prose := strings.Repeat(prose, 400)
	for name, c := range map[string]struct {
		text     string
		limit    int
		stops    bool
		coverage float64 // at most
	}{
		"within":                  {prose[:1000], 4000, false, 1},
		"somewhat over":           {prose[:40_000], 4000, false, 1},
		"far over":                {prose, 400, true, 0.25},
		"over by its length":      {prose, 4, true, 0},
		"dear, over by length":    {randomSyllables(1 << 19), 4000, true, 0},
		"128 bytes a token":       {strings.Repeat(strings.Repeat(" ", 128), 10), 10, false, 1},
		"a byte more than it has": {strings.Repeat(" ", 1281), 10, true, 0},
		"nothing":                 {"", 1, false, 1},
	} {
		each(t, func(t *testing.T, counter *Counter) {
			in, err := New(counter).Inspect(guard.WithEnoughTokens(t.Context(), c.limit), &guard.Text{Raw: c.text})
			if stopped := errors.Is(err, guard.ErrEnough); stopped != c.stops || err != nil && !stopped || in.Coverage > c.coverage || in.Tokens == nil {
				t.Fatalf("%s: %+v, %v", name, in, err)
			}
			whole := counter.Count(c.text)
			if *in.Tokens > whole || (*in.Tokens > c.limit) != (whole > c.limit) || !c.stops && *in.Tokens != whole {
				t.Errorf("%s: %d tokens told, %d there, limit %d", name, *in.Tokens, whole, c.limit)
			}
		})
	}
}

func FuzzInspectStopsAtTheLimit(f *testing.F) {
	counters := counters()
	f.Add("All work and no play makes Jack a dull boy.", uint8(20), uint16(7))
	f.Add(" ", uint8(255), uint16(1))
	f.Fuzz(func(t *testing.T, text string, times uint8, limit uint16) {
		text, most := strings.Repeat(text, int(times)), int(limit)+1
		for name, counter := range counters {
			whole := counter.Count(text)
			in, err := New(counter).Inspect(guard.WithEnoughTokens(t.Context(), most), &guard.Text{Raw: text})
			if err != nil && !errors.Is(err, guard.ErrEnough) || *in.Tokens > whole || (*in.Tokens > most) != (whole > most) {
				t.Errorf("%s, %d times %q: %d tokens told, %d there, limit %d, %v", name, times, text, *in.Tokens, whole, most, err)
			}
		}
	})
}
