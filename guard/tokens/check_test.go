package tokens

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

func TestInspect(t *testing.T) {
	check := New(counter())
	for text, want := range map[string]int{"": 0, "hello world": 2, "<|endoftext|>": 7} {
		got, err := check.Inspect(context.Background(), &guard.Text{Raw: text})
		if err != nil || got.Tokens == nil || *got.Tokens != want || got.Coverage != 1 || got.Findings != nil {
			t.Errorf("Inspect(%q) = %+v, %v, want %d tokens", text, got, err, want)
		}
	}
}

func TestInspectStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	prose := strings.Repeat("All work and no play makes Jack a dull boy. ", 5000)
	for name, text := range map[string]string{"prose": prose, "letters": randomLetters(1 << 18), "one piece": randomSyllables(1 << 18)} {
		got, err := New(counter()).Inspect(ctx, &guard.Text{Raw: text})
		if !errors.Is(err, context.Canceled) || got.Tokens != nil || got.Coverage > 0.5 {
			t.Errorf("%s: Inspect = %+v, %v, want the context's error and no count", name, got, err)
		}
	}
	if n := counter().Count(prose); n < 50000 {
		t.Errorf("after a cancelled count prose has %d tokens", n)
	}
}

// Giant pieces wait for each other: each takes tens of megabytes. A caller whose
// time ends while he waits is told so, with nothing counted.
func TestGiantPiecesWaitForAPlace(t *testing.T) {
	counter, err := NewCounter(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for range cap(counter.giants) {
		counter.giants <- struct{}{}
	}
	text, err := guard.Prepare(strings.Repeat("a", keepBytes+1))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if in, err := New(counter).Inspect(ctx, text); !errors.Is(err, context.Canceled) || in.Tokens != nil {
		t.Errorf("%+v, %v", in, err)
	}
	for range cap(counter.giants) {
		<-counter.giants
	}
	if in, err := New(counter).Inspect(t.Context(), text); err != nil || in.Tokens == nil {
		t.Errorf("with a place: %+v, %v", in, err)
	}
}
