package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/texts"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/inference/wordpiece"
	"github.com/portcullis-ai/portcullis/internal/build"
	"github.com/portcullis-ai/portcullis/internal/process"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/model/bundled"
)

// proof is what all parts stand on: the bundled model, without a service around it, and
// texts to send.
type proof struct {
	options
	runtime   *ort.Runtime
	manifest  model.Manifest
	graph     ort.Graph
	tokenizer *wordpiece.Tokenizer
	mix       []string // lognormal lengths
	lengths   []int    // of the texts of the mix, in tokens of all windows
}

// The longest text of the mix, in tokens, and how many texts a second of measuring
// takes: as many as a core can do, so that all of them are sent once in about that time.
const (
	longest        = 512
	textsPerSecond = 70
)

func open(ctx context.Context, o options) (*proof, error) {
	if runtime.NumCPU() < 2 {
		return nil, errors.New("this takes two processors at least: one for the service, one for who asks")
	}
	m, err := bundled.Model()
	if err != nil {
		return nil, err
	}
	p := &proof{options: o, manifest: m.Manifest()}
	if p.tokenizer, err = tokenizerOf(m); err != nil {
		return nil, err
	}
	if p.graph, err = graphOf(m, p.tokenizer); err != nil {
		return nil, err
	}
	config := ort.Default()
	config.Provider, config.Library = ort.CPU, o.Library
	if p.runtime, err = ort.Open(config); err != nil {
		return nil, err
	}
	w, err := texts.NewWriter(p.tokenizer, 1)
	if err != nil {
		return nil, err
	}
	p.mix = w.Mix(max(40, int(o.Time.Seconds()*textsPerSecond)), longest)
	for _, text := range p.mix {
		n := 0
		for _, window := range p.tokenizer.Encode(text) {
			n += window.Len()
		}
		p.lengths = append(p.lengths, n)
	}
	return p, ctx.Err()
}

func (p *proof) close() { _ = p.runtime.Close() } // the process ends

func tokenizerOf(m *model.Model) (*wordpiece.Tokenizer, error) {
	vocabulary, err := m.Vocabulary()
	if err != nil {
		return nil, err
	}
	t, w := m.Manifest().Tokenizer, m.Manifest().Window
	strip := t.Strips()
	return wordpiece.New(bytes.NewReader(vocabulary), wordpiece.Options{
		Lowercase: t.Lowercase, StripAccents: &strip, Window: w.Tokens, Overlap: w.Overlap,
	})
}

func graphOf(m *model.Model, t *wordpiece.Tokenizer) (ort.Graph, error) {
	g, err := m.Graph(string(ort.CPU), string(ort.AutoPrecision))
	if err != nil {
		return ort.Graph{}, err
	}
	manifest := m.Manifest()
	out := ort.Graph{
		Path: g.Path(), Precision: ort.Precision(g.Precision),
		Labels: len(manifest.Labels), MaxLength: manifest.Window.Tokens, Vocabulary: t.Size(),
	}
	if out.Path == "" {
		out.Data, err = g.Read()
	}
	return out, err
}

// session opens the model with so many threads a call.
func (p *proof) session(threads int) (*ort.Session, error) {
	g := p.graph
	g.Threads = threads
	return p.runtime.Session(g, 0)
}

// windows returns what the model reads of texts.
func (p *proof) windows(all []string) (out []inference.Encoding) {
	for _, text := range all {
		out = append(out, p.tokenizer.Encode(text)...)
	}
	return out
}

func (p *proof) head() figures.Result {
	return figures.Result{
		Day: time.Now().Format(time.DateOnly), Version: fmt.Sprintf("portcullis %s with %s %s", build.Version(), p.manifest.Name, p.manifest.Version),
		Machine: fmt.Sprintf("%s, %d cores, no card; ONNX Runtime %s, %s", process.CPUName(), runtime.NumCPU(), ort.Version, runtime.Version()),
		Command: p.Command,
	}
}
