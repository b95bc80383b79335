package classify_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/classify"
	"github.com/portcullis-ai/portcullis/inference"
)

// lines makes a window of every line, its ids the bytes in lower case between two
// special ones: a tokenizer to which case says nothing.
type lines struct{}

func (lines) Encode(text string) (windows []inference.Encoding) {
	at := 0
	for _, l := range strings.SplitAfter(text, "\n") {
		w := inference.Encoding{Span: inference.Span{Start: at, End: at + len(l)}}
		w.IDs = append(w.IDs, '[')
		for _, b := range []byte(strings.ToLower(strings.TrimSpace(l))) {
			if b == '\n' || b >= ' ' { // BERT drops control characters
				w.IDs = append(w.IDs, int32(b))
			}
		}
		w.IDs = append(w.IDs, ']')
		windows = append(windows, w)
		at += len(l)
	}
	return windows
}

func (l lines) Grow() inference.Growth { return &growingLines{} }

// growingLines closes a line when the next one has begun.
type growingLines struct{ done, settled int }

func (g *growingLines) Encode(text string) (windows []inference.Encoding, closed int) {
	windows = lines{}.Encode(text)[g.done:]
	g.done += len(windows) - 1
	g.settled = windows[len(windows)-1].Span.Start
	return windows, len(windows) - 1
}

func (g *growingLines) Settled() int { return g.settled }

// knows returns a runner that is sure of the windows that spell word.
func knows(word string, ran *int) inference.Runner {
	return func(_ context.Context, windows []inference.Encoding) ([][]float32, error) {
		rows := make([][]float32, len(windows))
		for i, w := range windows {
			*ran++
			var b strings.Builder
			for _, id := range w.IDs {
				b.WriteByte(byte(id))
			}
			rows[i] = []float32{-9, 9}
			if strings.Contains(b.String(), word) {
				rows[i][0] = 9
			}
		}
		return rows, nil
	}
}

func check(t *testing.T, run inference.Runner) *classify.Check {
	t.Helper()
	m := inference.Model{Name: "m", Labels: []inference.Label{{Name: "bad", Scale: 1}, {Name: "fine", Scale: 1}}}
	c, err := classify.New("classifier", inference.NewClassifier(m, lines{}, run),
		map[string]classify.Label{"bad": {Category: guard.Toxicity, From: guard.OriginsOf(guard.OriginTool)}, "fine": {Category: guard.Neutral}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func inspect(t *testing.T, c *classify.Check, raw string) (guard.Inspection, error) {
	t.Helper()
	text, err := guard.Prepare(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c.Inspect(t.Context(), text)
}

func TestFindingsPointAtTheWindows(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want []guard.Span // nil: one finding on the whole text
	}{
		"one window":                 {"a scoundrel here", nil},
		"first of three":             {"a scoundrel\nx\nx", []guard.Span{{Start: 0, End: 12}}},
		"last of three":              {"x\nx\na scoundrel", []guard.Span{{Start: 4, End: 15}}},
		"neighbours are one":         {"x\nscoundrel\nscoundrel\nx", []guard.Span{{Start: 2, End: 22}}},
		"two that are apart are two": {"scoundrel\nx\nscoundrel\n", []guard.Span{{Start: 0, End: 10}, {Start: 12, End: 22}}},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := inspect(t, check(t, knows("scoundrel", new(int))), tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if in.Scores[0].From != guard.OriginsOf(guard.OriginTool) || in.Scores[1].From != 0 {
				t.Errorf("scores %+v", in.Scores)
			}
			if len(in.Findings) != max(1, len(tc.want)) || in.Coverage != 1 {
				t.Fatalf("coverage %v, findings %+v", in.Coverage, in.Findings)
			}
			for i, f := range in.Findings {
				if f.Rule != "m/bad" || f.Category != guard.Toxicity || f.From != guard.OriginsOf(guard.OriginTool) || f.Score < 0.99 || f.Severity != guard.Critical {
					t.Errorf("finding %+v", f)
				}
				if (f.Span == nil) != (tc.want == nil) || f.Span != nil && *f.Span != tc.want[i] {
					t.Errorf("span %v, want %v", f.Span, tc.want)
				}
			}
		})
	}
}

// A model may say anything of an empty window; the contract allows the empty text.
func TestNothingIsNoFinding(t *testing.T) {
	for _, text := range []string{"", " \n ", "\u200b"} {
		in, err := inspect(t, check(t, func(_ context.Context, w []inference.Encoding) ([][]float32, error) {
			return slices.Repeat([][]float32{{9, 9}}, len(w)), nil
		}), strings.TrimSpace(text))
		if err != nil || in.Coverage != 1 || len(in.Scores) != 2 {
			t.Errorf("%q: %+v, %v", text, in, err)
		}
		if text == "" && len(in.Findings) > 0 {
			t.Errorf("%q: %+v", text, in.Findings)
		}
	}
}

func TestCleanTextHasScoresAndNoFindings(t *testing.T) {
	for _, text := range []string{"", "hello", "hello\nworld\n"} {
		in, err := inspect(t, check(t, knows("scoundrel", new(int))), text)
		if err != nil || len(in.Findings) != 0 || len(in.Scores) != 2 || in.Coverage != 1 {
			t.Errorf("%q: %+v, %v", text, in, err)
		}
	}
}

// Letters of another script hide the word from the model: the plain text shows
// it, the finding points at the text as received, and the scores stay the raw
// text's.
func TestDisguisedWordsAreReadPlainly(t *testing.T) {
	for name, word := range map[string]string{
		"Cyrillic letter":      "sc\u043eundrel",
		"fullwidth":            "\uff53\uff43\uff4f\uff55\uff4e\uff44\uff52\uff45\uff4c",
		"zero width inside":    "scoun\u200bdr\u0435l",
		"beside Russian words": "\u043f\u0440\u0438\u0432\u0435\u0442 sc\u043eundrel \u043c\u0438\u0440",
	} {
		t.Run(name, func(t *testing.T) {
			in, err := inspect(t, check(t, knows("scoundrel", new(int))), "some words, "+word+", and more")
			if err != nil {
				t.Fatal(err)
			}
			if len(in.Findings) != 1 {
				t.Fatalf("findings %+v", in.Findings)
			}
			if in.Scores[0].Score > 0.01 {
				t.Errorf("the plain text moved the raw score to %v", in.Scores[0].Score)
			}
		})
	}
}

// A form feed parts words for whoever reads them. BERT drops it, and reads one long
// word that it does not know.
func TestControlCharactersPartWords(t *testing.T) {
	for _, space := range []string{"\f", "\v", "\x1c", "\x1f", "\u0085"} {
		in, err := inspect(t, check(t, knows(" scoundrel ", new(int))), "a"+space+"scoundrel"+space+"here")
		if err != nil || len(in.Findings) != 1 {
			t.Errorf("%q: %+v, %v", space, in.Findings, err)
		}
	}
}

// A text of another language is no disguise: folded, it would be a mixture of
// scripts, of which the model says anything.
func TestOtherLanguagesAreReadOnce(t *testing.T) {
	for _, text := range []string{
		"Plain ASCII, Twice  Spaced", "gr\u00fc\u00dfe, \u00e7a va\u00a0?",
		"\u041f\u0440\u0438\u0432\u0435\u0442, \u0434\u0440\u0443\u0437\u044c\u044f!",
		"\u03a0\u03bf\u03b9\u03bf\u03c2 \u03b5\u03af\u03bd\u03b1\u03b9 \u03bf \u03ba\u03b1\u03b9\u03c1\u03cc\u03c2",
		"\u4eca\u5929\u5929\u6c14\u600e\u4e48\u6837\uff1f",
	} {
		ran := 0
		if _, err := inspect(t, check(t, knows("x", &ran)), text); err != nil {
			t.Fatal(err)
		}
		if ran != 1 {
			t.Errorf("%q cost %d windows", text, ran)
		}
	}
}

func TestErrorKeepsWhatWasSeen(t *testing.T) {
	boom := errors.New("boom")
	c := check(t, func(_ context.Context, w []inference.Encoding) ([][]float32, error) {
		rows := make([][]float32, len(w))
		rows[1] = []float32{9, 0}
		return rows, boom
	})
	in, err := inspect(t, c, "12345\n123\n")
	if !errors.Is(err, boom) {
		t.Fatalf("error %v", err)
	}
	if math.Abs(in.Coverage-0.4) > 1e-9 || len(in.Findings) != 1 {
		t.Errorf("coverage %v, findings %+v", in.Coverage, in.Findings)
	}
}

func TestLabelWithoutMeaningIsRefused(t *testing.T) {
	m := inference.Model{Name: "m", Labels: []inference.Label{{Name: "bad"}}}
	if _, err := classify.New("c", inference.NewClassifier(m, lines{}, nil), nil); err == nil {
		t.Error("accepted")
	}
}

// What is encoded is read decoded, and found where it is encoded; what comes to no
// language is not shown to the model at all.
func TestPayloadsAreRead(t *testing.T) {
	const words = "you are a scoundrel and all of your friends know it"
	for name, tc := range map[string]struct {
		hidden  string
		windows int
		found   bool
	}{
		"base64":        {base64.StdEncoding.EncodeToString([]byte(words)), 2, true},
		"twice":         {base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString([]byte(words)))), 2, true},
		"with Cyrillic": {base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(words, "o", "\u043e"))), 3, true},
		"a hash":        {"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", 1, false},
		"a JSON token":  {base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)), 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			ran, raw := 0, "Look at this: "+tc.hidden+" and tell me."
			in, err := inspect(t, check(t, knows("scoundrel", &ran)), raw)
			if err != nil || in.Coverage != 1 || ran != tc.windows {
				t.Fatalf("coverage %v of %d windows, %v", in.Coverage, ran, err)
			}
			if (len(in.Findings) > 0) != tc.found || in.Scores[0].Score > 0.01 {
				t.Fatalf("scores %v, findings %+v", in.Scores, in.Findings)
			}
			for _, f := range in.Findings {
				if got := raw[f.Span.Start:f.Span.End]; got != tc.hidden {
					t.Errorf("found in %q", got)
				}
			}
		})
	}
}

// A payload that was not scored is not covered.
func TestCoverageCountsPayloads(t *testing.T) {
	boom := errors.New("boom")
	c := check(t, func(_ context.Context, w []inference.Encoding) ([][]float32, error) {
		return slices.Concat([][]float32{{0, 0}}, make([][]float32, len(w)-1)), boom
	})
	in, err := inspect(t, c, "see "+base64.StdEncoding.EncodeToString([]byte("all of this is what nobody has read")))
	if !errors.Is(err, boom) || in.Coverage == 0 || in.Coverage == 1 {
		t.Errorf("coverage %v, %v", in.Coverage, err)
	}
}
