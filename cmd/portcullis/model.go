package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/model/bundled"
	"github.com/portcullis-ai/portcullis/model/hub"
)

type modelCmd struct {
	List   modelListCmd   `cmd:"" help:"Show the models that serve can load, and those that pull can fetch."`
	Verify modelVerifyCmd `cmd:"" help:"Compare the files of a model folder with the digests in its manifest."`
	Pull   modelPullCmd   `cmd:"" help:"Fetch a published model and write its manifest."`
}

type modelListCmd struct {
	Dir string `placeholder:"DIR" help:"Look here in place of the models directory."`
}

// Run prints one line for each model.
func (c modelListCmd) Run(std stdio) error {
	dir, err := modelDir(c.Dir)
	if err != nil {
		return err
	}
	found, err := model.List(dir)
	if err != nil {
		return err
	}
	t := &table{}
	t.add(cell{text: "MODEL", ink: bold}, cell{text: "VERSION", ink: bold}, cell{text: "LICENCE", ink: bold}, cell{text: "LABELS", ink: bold}, cell{text: "WHERE", ink: bold})
	if m, err := bundled.Model(); err == nil {
		addModel(t, "bundled", m.Manifest(), "in this binary")
	}
	have := map[string]bool{}
	for _, l := range found {
		have[filepath.Base(l.Dir)] = true
		if l.Err != nil {
			t.add(cell{text: filepath.Base(l.Dir)}, cell{text: "broken", ink: red}, cell{}, cell{}, cell{text: l.Err.Error(), ink: red})
			continue
		}
		addModel(t, filepath.Base(l.Dir), l.Model.Manifest(), l.Dir)
	}
	for _, e := range hub.Catalog() {
		if !have[e.Name] {
			t.add(cell{text: e.Name, ink: dim}, cell{}, cell{}, cell{}, cell{text: "portcullis model pull " + e.Name, ink: dim})
		}
	}
	return t.write(std.out, "", std.color)
}

func addModel(t *table, name string, m model.Manifest, where string) {
	t.add(cell{text: name}, cell{text: m.Version}, cell{text: m.Licence}, cell{text: strings.Join(labelNames(m), " ")}, cell{text: where})
}

type modelVerifyCmd struct {
	Dir string `arg:"" help:"A model folder, or 'bundled'."`
}

// Run reads every file of the model.
func (c modelVerifyCmd) Run(ctx context.Context, std stdio) error {
	m, err := openModel(c.Dir)
	if err != nil {
		return err
	}
	if err := m.Verify(ctx); err != nil {
		return err
	}
	manifest := m.Manifest()
	t := &table{}
	t.add(cell{text: manifest.Tokenizer.Vocab}, cell{text: "ok", ink: green}, cell{text: "sha256:" + manifest.Tokenizer.SHA256, ink: dim})
	for _, g := range manifest.Graphs {
		t.add(cell{text: g.File}, cell{text: "ok", ink: green}, cell{text: "sha256:" + g.SHA256, ink: dim})
	}
	return t.write(std.out, "", std.color)
}

func openModel(dir string) (*model.Model, error) {
	if dir == "bundled" {
		return bundled.Model()
	}
	return model.OpenDir(dir)
}

type modelPullCmd struct {
	Name            string   `arg:"" help:"A name that 'portcullis model list' shows, such as toxic-bert."`
	Dir             string   `placeholder:"DIR" help:"The folder to make, in place of one in the models directory."`
	Precision       []string `placeholder:"P" help:"Fetch these graphs only: fp32, fp16, int8."`
	TrustOnFirstUse bool     `help:"Take files whose digest nobody has written down yet, print their digests, and hold later pulls to them."`
}

func (modelPullCmd) Help() string {
	return `A pull that was cut off goes on where it stopped. HF_ENDPOINT names a mirror of the hub, HF_TOKEN a
token. Run the model with: portcullis serve --model toxic-bert`
}

// Run fetches, verifies, and writes the manifest last.
func (c modelPullCmd) Run(ctx context.Context, std stdio) error {
	entry, err := hub.Find(c.Name)
	if err != nil {
		return err
	}
	opts := hub.FromEnvironment(os.Getenv)
	opts.Precisions, opts.TrustOnFirstUse = c.Precision, c.TrustOnFirstUse
	if opts.Dir = c.Dir; opts.Dir == "" {
		dir, err := modelDir("")
		if err != nil {
			return err
		}
		opts.Dir = filepath.Join(dir, c.Name)
	}
	progress := progressLine{std: std}
	opts.Progress = progress.show
	result, err := hub.Pull(ctx, entry, opts)
	progress.end()
	if err != nil {
		return err
	}
	if result.Lock != "" {
		_, _ = fmt.Fprintf(std.err, "The digests above were taken on trust and written to %s: later pulls are held to them.\n", result.Lock)
	}
	_, err = fmt.Fprintf(std.out, "%s is in %s\n", c.Name, result.Dir)
	return err
}

// progressLine shows how a pull goes: one line that is written over on a
// terminal, a line for each file elsewhere.
type progressLine struct {
	std  stdio
	open bool
}

func (p *progressLine) show(e hub.Event) {
	if e.Stage == hub.Fetching {
		if p.std.color {
			_, _ = fmt.Fprintf(p.std.err, "\r\x1b[K%s", e)
			p.open = true
		}
		return
	}
	p.end()
	_, _ = fmt.Fprintln(p.std.err, e)
}

func (p *progressLine) end() {
	if p.open {
		_, _ = fmt.Fprintln(p.std.err)
	}
	p.open = false
}

// modelDir is the models directory that the settings name, unless dir does.
func modelDir(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	cfg, err := config.Load(config.Sources{Environ: os.Environ()})
	if err != nil {
		return "", err
	}
	return modelsDir(cfg)
}
