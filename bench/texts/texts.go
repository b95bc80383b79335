// Package texts is what the measurements send: texts of chosen lengths, as many as
// asked for, and a corpus as agents send it. All of it is our own writing.
package texts

import (
	"bufio"
	"bytes"
	_ "embed" // the corpus
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/inference"
)

//go:embed corpus.jsonl
var corpus []byte

// Text is one text of the corpus.
type Text struct {
	Kind string `json:"kind"` // prompt, attack, document or code
	Text string `json:"text"`
}

// Corpus returns the paragraphs, functions and prompts that were drawn once from this
// project's documentation, sources and examples of rules, in a fixed random order.
func Corpus() ([]Text, error) {
	var all []Text
	for d := json.NewDecoder(bytes.NewReader(corpus)); d.More(); {
		var t Text
		if err := d.Decode(&t); err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		all = append(all, t)
	}
	return all, nil
}

// The mix of lengths that the service is sized by, in tokens: lognormal, so that most
// texts are short and some are long. Its 99th percentile is 400.
const (
	median = 40
	sigma  = 0.99
	least  = 8
)

// Writer writes texts of so many tokens: runs of words from the prose of the corpus,
// so that a tokenizer meets the words and punctuation that it would. The same seed
// gives the same texts. It is for one goroutine.
type Writer struct {
	words []word
	rng   *rand.Rand
}

// word is a word and how many tokens it is.
type word struct {
	text   string
	tokens int
}

// NewWriter splits the prose of the corpus with the model's tokenizer.
func NewWriter(t inference.Tokenizer, seed uint64) (*Writer, error) {
	all, err := Corpus()
	if err != nil {
		return nil, err
	}
	w := &Writer{rng: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // lengths and words, no secrets
	for _, text := range all {
		if text.Kind != "document" {
			continue
		}
		s := bufio.NewScanner(strings.NewReader(text.Text))
		for s.Split(bufio.ScanWords); s.Scan(); {
			if plain(s.Text()) {
				w.words = append(w.words, word{s.Text(), tokens(t, s.Text())})
			}
		}
	}
	return w, nil
}

// plain tells a word of prose. Others could be code or an attack, of which a service
// does more, or less: it may read them twice, or be sure without the model.
func plain(s string) bool {
	return !strings.ContainsFunc(strings.TrimRight(s, ".,;:?!"), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '\'' && r != '-'
	})
}

// tokens counts those of a text, [CLS] and [SEP] left out.
func tokens(t inference.Tokenizer, text string) int {
	n := 0
	for _, w := range t.Encode(text) {
		n += w.Len() - 2
	}
	return n
}

// Text returns a text of n tokens, [CLS] and [SEP] included, or a few less where the
// last word would not fit.
func (w *Writer) Text(n int) string {
	var b strings.Builder
	for at, left := w.rng.IntN(len(w.words)), n-2; ; at++ {
		next := w.words[at%len(w.words)]
		if left -= next.tokens; left < 0 {
			return strings.TrimSuffix(b.String(), " ")
		}
		b.WriteString(next.text)
		b.WriteByte(' ')
	}
}

// Bytes returns a text of n bytes.
func (w *Writer) Bytes(n int) string {
	return w.Text(n)[:n] // a token of prose has a byte at least, and a space behind most words
}

// Mix returns n texts of the mix of lengths, none longer than longest tokens.
func (w *Writer) Mix(n, longest int) []string {
	out := make([]string, n)
	for i := range out {
		drawn := median * math.Exp(sigma*w.rng.NormFloat64())
		out[i] = w.Text(min(max(least, int(drawn)), longest))
	}
	return out
}

// Percentile returns the length in tokens, p from 0 to 1, of texts.
func Percentile(t inference.Tokenizer, texts []string, p float64) int {
	lengths := make([]int, len(texts))
	for i, text := range texts {
		lengths[i] = tokens(t, text) + 2
	}
	slices.Sort(lengths)
	return lengths[int(p*float64(len(lengths)-1))]
}
