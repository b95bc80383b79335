package gpu

import (
	"bufio"
	"bytes"
	"fmt"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/model"
)

// Subject is the model that is tested or measured.
type Subject struct {
	Model *model.Model
	// Words are entries of the vocabulary that are one token each: a text of n of
	// them has n tokens, and [CLS] and [SEP].
	Words      []string
	vocabulary int
}

// OpenSubject reads a model folder. The digest of the vocabulary is checked, those
// of the graphs are not.
func OpenSubject(dir string) (*Subject, error) {
	m, err := model.OpenDir(dir)
	if err != nil {
		return nil, err
	}
	vocabulary, err := m.Vocabulary()
	if err != nil {
		return nil, err
	}
	s := &Subject{Model: m}
	lines := bufio.NewScanner(bytes.NewReader(vocabulary))
	for ; lines.Scan(); s.vocabulary++ {
		if plain(lines.Text()) {
			s.Words = append(s.Words, lines.Text())
		}
	}
	if len(s.Words) == 0 {
		return nil, fmt.Errorf("%s: the vocabulary has no whole words", dir)
	}
	return s, lines.Err()
}

// plain tells a word that every BERT tokenizer leaves as it is.
func plain(entry string) bool {
	for _, c := range []byte(entry) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return len(entry) > 2
}

// Name returns the model's name.
func (s *Subject) Name() string { return s.Model.Manifest().Name }

// Graphs returns every graph that the manifest gives to a provider.
func (s *Subject) Graphs(p ort.Provider) []ort.Graph {
	var graphs []ort.Graph
	for _, precision := range model.Precisions {
		if g, err := s.Graph(p, ort.Precision(precision)); err == nil {
			graphs = append(graphs, g)
		}
	}
	return graphs
}

// Graph returns the graph for a provider and a precision.
func (s *Subject) Graph(p ort.Provider, precision ort.Precision) (ort.Graph, error) {
	g, err := s.Model.Graph(string(p), string(precision))
	if err != nil {
		return ort.Graph{}, err
	}
	manifest := s.Model.Manifest()
	out := ort.Graph{
		Path: g.Path(), Digest: g.SHA256, Precision: ort.Precision(g.Precision),
		Labels: len(manifest.Labels), MaxLength: manifest.Window.Tokens, Vocabulary: s.vocabulary,
	}
	if g.Packs() {
		out.Layout = ort.Packed
	}
	return out, nil
}

// Probabilities turns a row of logits into what a policy sees of it. A value that is
// not finite is an error.
func (s *Subject) Probabilities(logits []float32) ([]float64, error) {
	manifest := s.Model.Manifest()
	m := inference.Model{Name: manifest.Name}
	for _, l := range manifest.Labels {
		c := l.Scaling()
		m.Labels = append(m.Labels, inference.Label{Name: l.Name, Scale: c.Scale, Bias: c.Bias})
		if l.Activation == model.Softmax {
			m.Activation = inference.Softmax
		}
	}
	return m.Probabilities(logits)
}
