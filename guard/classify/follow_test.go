package classify_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/inference"
)

// TestFollow lets texts of lines grow in random steps. What is passed on is found in
// the whole text and told once; what is certain is in it too; the whole text is found
// as if it had never grown; and no closed window runs twice.
func TestFollow(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		var b strings.Builder
		for range 1 + r.IntN(40) {
			b.WriteString([]string{"plain words\n", "a scoundrel here\n", "\n", "sc\u043eundrel veiled\n", "more of the same"}[r.IntN(5)])
		}
		text, runs := b.String(), make(map[string]int)
		c := check(t, counted(knows("scoundrel", new(int)), runs))
		want, err := inspect(t, c, text)
		if err != nil {
			t.Fatal(err)
		}
		clear(runs)
		f := c.Follow()
		told, clearTo := grow(t, f, text, r)
		for i, g := range told {
			if !slices.ContainsFunc(want.Findings, sameFinding(g)) || slices.ContainsFunc(told[:i], sameFinding(g)) {
				t.Fatalf("%q: told of %v, want %v", text, *g.Span, want.Findings)
			}
		}
		whole, err := guard.Prepare(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Inspect(t.Context(), whole)
		if err != nil || !slices.EqualFunc(got.Findings, want.Findings, func(a, b guard.Finding) bool { return sameFinding(a)(b) }) || !slices.Equal(got.Scores, want.Scores) {
			t.Fatalf("%q: at the end %+v, %v, want %+v", text, got, err, want)
		}
		if clearTo > len(text) {
			t.Fatalf("%q: clear to %d", text, clearTo)
		}
		for ids, n := range runs {
			if n > 1 {
				t.Fatalf("%q: %q ran %d times", text, ids, n)
			}
		}
	}
}

func grow(t *testing.T, f guard.Follower, text string, r *rand.Rand) (told []guard.Finding, clearTo int) {
	t.Helper()
	for i := range text {
		if r.IntN(8) > 0 {
			continue
		}
		s, err := f.Look(t.Context(), text[:i])
		if err != nil {
			t.Fatal(err)
		}
		if s.Clear < clearTo || s.Clear > i {
			t.Fatalf("%q to %d: clear to %d after %d", text, i, s.Clear, clearTo)
		}
		told, clearTo = append(told, s.Found...), s.Clear
	}
	return told, clearTo
}

func sameFinding(a guard.Finding) func(guard.Finding) bool {
	return func(b guard.Finding) bool {
		whole := a.Span == nil || b.Span == nil
		return a.Rule == b.Rule && a.Score == b.Score && a.Message == b.Message && (whole && a.Span == b.Span || !whole && *a.Span == *b.Span)
	}
}

// counted counts in how many calls each window runs.
func counted(run inference.Runner, runs map[string]int) inference.Runner {
	return func(ctx context.Context, windows []inference.Encoding) ([][]float32, error) {
		asked := make(map[string]bool)
		for _, w := range windows {
			var b strings.Builder
			for _, id := range w.IDs {
				b.WriteByte(byte(id))
			}
			if !asked[b.String()] {
				runs[b.String()]++
			}
			asked[b.String()] = true
		}
		return run(ctx, windows)
	}
}

// TestFollowHoldsWhatIsOpen: what an open window shows is doubtful, and certain once
// the window is closed.
func TestFollowHoldsWhatIsOpen(t *testing.T) {
	f := check(t, knows("scoundrel", new(int))).Follow()
	s, err := f.Look(t.Context(), "first line\nsuch a scoundrel, he")
	if err != nil || len(s.Doubtful) != 1 || len(s.Growing)+len(s.Found) != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	s, err = f.Look(t.Context(), "first line\nsuch a scoundrel, he is\nand more words, and so on")
	if err != nil || len(s.Growing) != 1 || len(s.Doubtful) != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	s, err = f.Look(t.Context(), "first line\nsuch a scoundrel, he is\nand more words, and so on\nand on\nand on")
	if err != nil || len(s.Found) != 1 || *s.Found[0].Span != (guard.Span{Start: 11, End: 35}) {
		t.Fatalf("%+v, %v", s, err)
	}
}
