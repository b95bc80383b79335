package texts

import (
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/inference"
)

// spaced is a tokenizer whose tokens are words, in one window.
type spaced struct{ inference.Tokenizer }

func (spaced) Encode(text string) []inference.Encoding {
	return []inference.Encoding{{IDs: make([]int32, 2+len(strings.Fields(text)))}}
}

func newWriter(t *testing.T) *Writer {
	t.Helper()
	w, err := NewWriter(spaced{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTextsHaveTheLengthThatWasAskedFor(t *testing.T) {
	w := newWriter(t)
	for _, n := range []int{8, 40, 400} {
		if got := tokens(spaced{}, w.Text(n)) + 2; got != n {
			t.Errorf("%d tokens, want %d", got, n)
		}
		if got := len(w.Bytes(n)); got != n {
			t.Errorf("%d bytes, want %d", got, n)
		}
	}
}

func TestTheMixIsLognormal(t *testing.T) {
	texts := newWriter(t).Mix(20_000, 2000)
	if half := Percentile(spaced{}, texts, 0.5); half < 38 || half > 42 {
		t.Errorf("median %d, want about 40", half)
	}
	if tail := Percentile(spaced{}, texts, 0.99); tail < 360 || tail > 440 {
		t.Errorf("99th percentile %d, want about 400", tail)
	}
}

func TestTheSameSeedGivesTheSameTexts(t *testing.T) {
	a, b := newWriter(t).Mix(50, 512), newWriter(t).Mix(50, 512)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("text %d differs", i)
		}
	}
}

func TestTheCorpusHasEveryKind(t *testing.T) {
	all, err := Corpus()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, text := range all {
		kinds[text.Kind]++
	}
	for _, kind := range []string{"prompt", "attack", "document", "code"} {
		if kinds[kind] < 20 {
			t.Errorf("%d texts of kind %s", kinds[kind], kind)
		}
	}
}
