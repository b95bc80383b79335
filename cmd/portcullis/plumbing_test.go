package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/classify"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
	"github.com/portcullis-ai/portcullis/inference/wordpiece"
	"github.com/portcullis-ai/portcullis/model/bundled"
)

const (
	markText = "xylophone quartz zebra"
	filler   = "the quick brown fox jumps over the lazy dog, and "
)

// markedCheck is the road of a text to a model that knows one thing: markText.
// Tokenizer, windows, batcher and check are the real ones.
func markedCheck(t *testing.T) (*classify.Check, *wordpiece.Tokenizer) {
	t.Helper()
	m, err := bundled.Model()
	if err != nil {
		t.Fatal(err)
	}
	vocabulary, err := m.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	w := m.Manifest().Window
	tokenizer, err := wordpiece.New(bytes.NewReader(vocabulary), wordpiece.Options{Lowercase: true, Window: w.Tokens, Overlap: w.Overlap})
	if err != nil {
		t.Fatal(err)
	}
	fake := inferencetest.NewFake(inferencetest.FakeConfig{
		Labels: 1, Mark: tokenizer.AppendIDs(nil, markText), MaxLength: w.Tokens, Vocabulary: tokenizer.Size(),
	})
	b, err := batching.New(batching.DefaultConfig(), inference.Encoding.Len, []batching.Executor[inference.Encoding, []float32]{{
		Name: "fake", InFlight: 2, MaxItems: 16, MaxCost: 4096, Cost: batching.Packed(0), Run: fake.Run,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	c := inference.NewClassifier(inference.Model{Name: "fake", Labels: []inference.Label{{Name: "mark", Scale: 1}}}, tokenizer, admitted(b.DoAll))
	check, err := classify.New("classifier", c, map[string]classify.Label{"mark": {Category: guard.Toxicity}})
	if err != nil {
		t.Fatal(err)
	}
	return check, tokenizer
}

// checkMark asserts that the mark at byte at of the text is found, and that the
// finding points at it.
func checkMark(t *testing.T, check *classify.Check, text string, at int) {
	t.Helper()
	prepared, err := guard.Prepare(text)
	if err != nil {
		t.Fatal(err)
	}
	in, err := check.Inspect(t.Context(), prepared)
	if err != nil || in.Coverage != 1 {
		t.Fatalf("coverage %v, %v", in.Coverage, err)
	}
	for _, f := range in.Findings {
		if f.Score > 0.99 && (f.Span == nil || f.Span.Start <= at && f.Span.End >= at+len(markText)) {
			return
		}
	}
	t.Fatalf("the mark at byte %d of %d was missed: %+v", at, len(text), in.Findings)
}

// A verdict must not depend on where in a text an attack sits: every place around
// the borders of the first windows is tried.
func TestNoPlaceIsBlindAroundWindowBorders(t *testing.T) {
	check, tokenizer := markedCheck(t)
	benign := strings.Repeat(filler, 60)
	for _, w := range tokenizer.Encode(benign) {
		for _, border := range []int{w.Span.Start, w.Span.End} {
			for at := max(0, border-40); at <= min(len(benign), border+40); at++ {
				if at > 0 && benign[at-1] != ' ' {
					continue // inside a word there is no mark
				}
				checkMark(t, check, benign[:at]+markText+" "+benign[at:], at)
			}
		}
	}
}

func TestNoLengthIsBlind(t *testing.T) {
	check, _ := markedCheck(t)
	for _, size := range []int{0, 512, 2 << 10, 8 << 10, 64 << 10, 1<<20 - 2*len(filler)} {
		before := strings.Repeat(filler, size/len(filler))
		for name, text := range map[string]string{"end": before + markText, "start": markText + " " + before} {
			t.Run(fmt.Sprintf("%s of %d bytes", name, size), func(t *testing.T) {
				checkMark(t, check, text, strings.Index(text, markText))
			})
		}
	}
}
