package model

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Names travel into file paths, metrics, policies ("model/label") and logs, so
// none may hold a slash, a space or anything that needs escaping.
var (
	namePattern   = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	labelPattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// problems collects everything that is wrong, each with the path of its key, so
// that a person who writes a manifest learns all of it at once.
type problems []error

func (p *problems) add(ok bool, path, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
	}
}

func (p *problems) oneOf(path, value string, known []string) {
	p.add(slices.Contains(known, value), path, "%q is unknown, want one of %s", value, strings.Join(known, ", "))
}

// Validate checks the bounds of every field. The error joins all problems.
func (m Manifest) Validate() error {
	var p problems
	p.add(m.Format == Format, "format", "want %d, found %d", Format, m.Format)
	for _, f := range []struct{ path, value string }{{"name", m.Name}, {"check", m.Check}} {
		p.add(namePattern.MatchString(f.value), f.path,
			"%q: want 1 to 64 of a-z, 0-9, dot, dash and underscore, a letter or digit first", f.value)
	}
	for _, f := range []struct{ path, value string }{
		{"version", m.Version}, {"description", m.Description}, {"licence", m.Licence}, {"source.url", m.Source.URL},
	} {
		p.add(strings.TrimSpace(f.value) != "", f.path, "is empty")
	}
	p.labels(m.Labels)
	p.tokenizer(m.Tokenizer)
	p.window(m.Window)
	p.graphs(m.Graphs, m.Tokenizer.Vocab)
	for i, k := range m.KnownAnswers {
		p.knownAnswer(fmt.Sprintf("known_answers[%d]", i), k, m.Labels)
	}
	return errors.Join(p...)
}

func (p *problems) labels(labels []Label) {
	p.add(len(labels) > 0, "labels", "is empty: name every output of the graph, in its order")
	risks, seen := 0, map[string]bool{}
	for i, l := range labels {
		path := fmt.Sprintf("labels[%d]", i)
		p.add(labelPattern.MatchString(l.Name), path+".name",
			"%q: want 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first", l.Name)
		p.add(!seen[l.Name], path+".name", "%q is given twice", l.Name)
		seen[l.Name] = true
		p.oneOf(path+".category", l.Category, Categories)
		p.oneOf(path+".activation", l.Activation, []string{Sigmoid, Softmax})
		p.add(l.Activation == labels[0].Activation, path+".activation", "all labels need the same, the first has %q", labels[0].Activation)
		p.add(l.Scaling().Scale > 0, path+".calibration.scale", "want a number above 0, found %v", l.Scaling().Scale)
		p.origins(path+".origins", l.Origins)
		if l.Category != Neutral {
			risks++
		}
	}
	if len(labels) == 0 {
		return
	}
	p.add(risks > 0, "labels", "all are neutral, so the model could find nothing")
	p.add(labels[0].Activation != Softmax || len(labels) > 1, "labels", "a softmax over one label is always 1")
}

func (p *problems) origins(path string, origins []string) {
	p.add(origins == nil || len(origins) > 0, path, "is empty: leave it out where the label speaks of all texts")
	for i, o := range origins {
		p.oneOf(fmt.Sprintf("%s[%d]", path, i), o, Origins)
		p.add(!slices.Contains(origins[:i], o), path, "%q is given twice", o)
	}
}

func (p *problems) tokenizer(t Tokenizer) {
	p.oneOf("tokenizer.kind", t.Kind, []string{WordPiece})
	p.file("tokenizer.vocab", t.Vocab)
	p.digest("tokenizer.sha256", t.SHA256)
}

func (p *problems) window(w Window) {
	p.add(w.Tokens >= 3 && w.Tokens <= MaxWindow, "window.tokens",
		"want 3 to %d, [CLS] and [SEP] included, found %d", MaxWindow, w.Tokens)
	p.add(w.Overlap >= 0 && w.Overlap < w.Tokens-2, "window.overlap",
		"want 0 to %d, less than the window holds without [CLS] and [SEP], found %d", max(0, w.Tokens-3), w.Overlap)
}

func (p *problems) graphs(graphs []GraphFile, vocab string) {
	p.add(len(graphs) > 0, "graphs", "is empty: a model needs at least one")
	files, pairs := map[string]bool{vocab: true}, map[[2]string]bool{}
	for i, g := range graphs {
		path := fmt.Sprintf("graphs[%d]", i)
		p.file(path+".file", g.File)
		p.add(!files[g.File], path+".file", "%q is given twice", g.File)
		files[g.File] = true
		p.digest(path+".sha256", g.SHA256)
		p.add(g.Size > 0 && g.Size <= MaxGraph, path+".bytes", "want the size of the file, at most %d, found %d", int64(MaxGraph), g.Size)
		p.oneOf(path+".precision", g.Precision, Precisions)
		if g.Layout != "" {
			p.oneOf(path+".layout", g.Layout, Layouts)
		}
		p.add(len(g.Providers) > 0, path+".providers", "is empty, want some of %s", strings.Join(Providers, ", "))
		for j, provider := range g.Providers {
			at := fmt.Sprintf("%s.providers[%d]", path, j)
			p.oneOf(at, provider, Providers)
			pair := [2]string{provider, g.Precision}
			p.add(!pairs[pair], at, "there is more than one %s graph for %s", g.Precision, provider)
			pairs[pair] = true
		}
	}
}

func (p *problems) knownAnswer(path string, k KnownAnswer, labels []Label) {
	p.add(k.Text != "", path+".text", "is empty")
	p.add(len(k.Scores) > 0, path+".scores", "is empty: name the score of at least one label")
	for _, label := range slices.Sorted(maps.Keys(k.Scores)) {
		at, score := path+".scores."+label, k.Scores[label]
		p.add(slices.ContainsFunc(labels, func(l Label) bool { return l.Name == label }), at, "there is no such label")
		p.add(score >= 0 && score <= 1, at, "want a probability, found %v", score)
	}
	p.add(k.Tolerance > 0 && k.Tolerance <= MaxTolerance, path+".tolerance",
		"want above 0 and at most %v, found %v", MaxTolerance, k.Tolerance)
}

// file refuses names that leave the folder, on any system, and the manifest.
func (p *problems) file(path, name string) {
	local := fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\\:\x00")
	p.add(local, path, "%q: want a path inside the folder, with forward slashes, without .. and drive letters", name)
	p.add(name != ManifestName, path, "%q is the manifest itself", name)
}

func (p *problems) digest(path, value string) {
	p.add(sha256Pattern.MatchString(value), path, "want 64 lower-case hex digits, found %q", value)
}
