package wordpiece

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/inference"
)

// checkWindows fails unless windows are what inference.Tokenizer promises of
// text: the pieces in order, full but the last, overlapping, none contained in
// the one before, every byte covered and no character cut.
func checkWindows(t *testing.T, tok *Tokenizer, text string) {
	t.Helper()
	windows, ids := tok.Encode(text), tok.AppendIDs(nil, text)
	c := tok.cutter
	seen := 0
	for k, w := range windows {
		if w.IDs[0] != c.cls || w.IDs[len(w.IDs)-1] != c.sep {
			t.Fatalf("%+q: window %d is not [CLS] … [SEP]: %v", text, k, w.IDs)
		}
		inner, from := w.IDs[1:len(w.IDs)-1], k*c.stride
		if k < len(windows)-1 && len(inner) != c.content {
			t.Fatalf("%+q: window %d holds %d pieces, want %d", text, k, len(inner), c.content)
		}
		if from+len(inner) > len(ids) || !slices.Equal(inner, ids[from:from+len(inner)]) {
			t.Fatalf("%+q: window %d is not the text's pieces from %d on", text, k, from)
		}
		if k > 0 && from+len(inner) <= seen {
			t.Fatalf("%+q: window %d adds nothing", text, k)
		}
		seen = from + len(inner)
	}
	if seen != len(ids) {
		t.Fatalf("%+q: windows hold %d of %d pieces", text, seen, len(ids))
	}
	checkSpans(t, text, windows)
}

func checkSpans(t *testing.T, text string, windows []inference.Encoding) {
	t.Helper()
	covered := 0
	for k, w := range windows {
		if w.Span.Start > covered || w.Span.End < covered || w.Span.Start > w.Span.End {
			t.Fatalf("%+q: window %d spans %v, covered up to %d", text, k, w.Span, covered)
		}
		covered = w.Span.End
		for _, at := range []int{w.Span.Start, w.Span.End} {
			if utf8.ValidString(text) && at < len(text) && !utf8.RuneStart(text[at]) {
				t.Fatalf("%+q: window %d spans %v, which cuts a character", text, k, w.Span)
			}
		}
	}
	if windows[0].Span.Start != 0 || covered != len(text) {
		t.Fatalf("%+q: spans cover %d to %d of %d", text, windows[0].Span.Start, covered, len(text))
	}
}

// FuzzWindows checks the windows of any text and that they stay the same when
// the text grows behind a white space.
func FuzzWindows(f *testing.F) {
	for _, s := range corpus {
		f.Add(s, uint8(len(s)/2))
	}
	toks := []*Tokenizer{
		load(f, Options{Lowercase: true, Window: 3}),
		load(f, Options{Lowercase: true, Window: 5, Overlap: 1}),
		load(f, Options{Window: 12, Overlap: 5}),
	}
	f.Fuzz(func(t *testing.T, text string, cut uint8) {
		grown := text[:min(int(cut), len(text))] + " "
		for _, tok := range toks {
			checkWindows(t, tok, text)
			checkGrowth(t, tok, grown, grown+text)
		}
	})
}

// checkGrowth fails unless every full window of text is the same in grown.
func checkGrowth(t *testing.T, tok *Tokenizer, text, grown string) {
	t.Helper()
	before, after := tok.Encode(text), tok.Encode(grown)
	for k, w := range before {
		if len(w.IDs) < tok.cutter.content+2 {
			return
		}
		if !slices.Equal(w.IDs, after[k].IDs) || w.Span.Start != after[k].Span.Start {
			t.Fatalf("%+q: window %d changed when the text grew to %+q", text, k, grown)
		}
	}
}

func TestEmptyTextIsOneWindow(t *testing.T) {
	tok := load(t, uncased)
	for _, text := range []string{"", " \t\n", "\u200b", "\x00"} {
		windows := tok.Encode(text)
		want := inference.Encoding{IDs: []int32{101, 102}, Span: inference.Span{End: len(text)}}
		if len(windows) != 1 || !slices.Equal(windows[0].IDs, want.IDs) || windows[0].Span != want.Span {
			t.Errorf("%q: %v, want %v alone", text, windows, want)
		}
	}
}

func TestWindowsOfAnExample(t *testing.T) {
	tok := load(t, Options{Lowercase: true, Window: 5, Overlap: 1})
	text := " one two  three four\tfive six "
	var got []string
	for _, w := range tok.Encode(text) {
		got = append(got, text[w.Span.Start:w.Span.End])
	}
	want := []string{" one two  three ", "three four\tfive ", "five six "}
	if !slices.Equal(got, want) {
		t.Errorf("windows %q, want %q", got, want)
	}
}

// TestWindowCount walks over the edges at which a window is added.
func TestWindowCount(t *testing.T) {
	tok := load(t, Options{Lowercase: true, Window: 12, Overlap: 4}) // 10 pieces, 6 apart
	for pieces, want := range map[int]int{0: 1, 1: 1, 10: 1, 11: 2, 16: 2, 17: 3, 22: 3, 23: 4} {
		text := strings.Repeat("the ", pieces)
		if got := len(tok.Encode(text)); got != want {
			t.Errorf("%d pieces make %d windows, want %d", pieces, got, want)
		}
		checkWindows(t, tok, text)
	}
}

// TestSharedCharacter cuts a syllable that folds to two pieces: both windows
// have seen it.
func TestSharedCharacter(t *testing.T) {
	tok := load(t, Options{Lowercase: true, Window: 3})
	text := "한국어"
	windows := tok.Encode(text)
	if len(windows) < 4 {
		t.Fatalf("%d windows: the example no longer cuts a syllable", len(windows))
	}
	if first, second := windows[0].Span, windows[1].Span; first.End <= second.Start {
		t.Errorf("spans %v and %v do not share the first syllable", first, second)
	}
	checkWindows(t, tok, text)
}
