package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/classify"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/inference/wordpiece"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/model/bundled"
)

// modelLoader opens models on one runtime.
type modelLoader struct {
	cfg            config.Config
	runtime        *ort.Runtime
	metrics        *metrics.Metrics
	log            *slog.Logger
	devicesChanged func() // called when a device has been retired or is back; quick
}

// named loads the model of that name beside those that are loaded already. One that
// is served and has not changed is held, once its files have been compared with
// their digests again.
func (l modelLoader) named(ctx context.Context, name string, others, served []*loadedModel) (*loadedModel, error) {
	m, err := l.find(name)
	if err != nil {
		return nil, err
	}
	if err := distinct(m.Manifest(), others); err != nil {
		return nil, err
	}
	for _, s := range served {
		if s.source.Dir() == m.Dir() && s.source.ManifestDigest() == m.ManifestDigest() {
			if err := s.verify(ctx); err != nil {
				return nil, err
			}
			l.log.InfoContext(ctx, "model unchanged", slog.String("model", s.server.Name))
			return s.hold(), nil
		}
	}
	loaded, err := l.load(ctx, m)
	if err != nil {
		return nil, err
	}
	return loaded.hold(), nil
}

// distinct refuses a model whose names another one has: findings, metrics and
// policies tell models apart by name, replies tell checks apart.
func distinct(m model.Manifest, models []*loadedModel) error {
	for _, other := range models {
		switch {
		case other.server.Name == m.Name:
			return fmt.Errorf("a model named %q is loaded already", m.Name)
		case other.check.Name() == m.Check:
			return fmt.Errorf("its check is named %q, as that of model %s is; change it in the manifest", m.Check, other.server.Name)
		}
	}
	return nil
}

// load verifies a model, opens it on every device, asks its known answers and
// warms it up, so that no request pays for a first time.
func (l modelLoader) load(ctx context.Context, m *model.Model) (*loadedModel, error) {
	started := time.Now()
	manifest := m.Manifest()
	for _, w := range manifest.Warnings() {
		l.log.LogAttrs(ctx, slog.LevelWarn, "model manifest", slog.String("model", manifest.Name), slog.String("warning", w))
	}
	tokenizer, err := newTokenizer(m)
	if err != nil {
		return nil, err
	}
	devices, graph, err := l.open(ctx, m, tokenizer)
	if err != nil {
		return nil, err
	}
	known := l.newCache()
	b, err := l.newBatcher(manifest, devices, known.Forget)
	if err != nil {
		return nil, errors.Join(err, devices.close())
	}
	timed := timedTokenizer{tokenizer, manifest.Name, l.metrics}
	classifier := inference.NewClassifier(describe(manifest), timed, known.Around(traced(admitted(b.DoAll))))
	check, err := classify.New(manifest.Check, classifier, meanings(manifest))
	if err != nil {
		return nil, errors.Join(err, b.Shutdown(ctx), devices.close())
	}
	l.log.LogAttrs(ctx, slog.LevelInfo, "model ready",
		slog.String("model", manifest.Name), slog.String("version", manifest.Version), slog.String("precision", graph.Precision), slog.String("digest", graph.Digest()),
		slog.String("devices", devices.names()), slog.Int("known_answers", len(manifest.KnownAnswers)),
		slog.Duration("took", time.Since(started).Round(time.Millisecond)))
	return &loadedModel{
		source: m, graph: graph, check: check,
		server: serverModel(manifest, graph, l.runtime.Info()),
		policy: policyModel(manifest),
		stats:  b.Stats,
		cached: known.Stats,
		close: func(ctx context.Context) error {
			err := b.Shutdown(ctx)
			if errors.Is(err, batching.ErrStillRunning) {
				return err // a session is in use: freeing it would crash
			}
			return errors.Join(err, devices.close())
		},
	}, nil
}

// find opens the bundled model, a folder, or a folder of the models directory.
func (l modelLoader) find(name string) (*model.Model, error) {
	if name == "bundled" {
		return bundled.Model()
	}
	if strings.ContainsRune(name, filepath.Separator) || name == "." {
		return model.OpenDir(name)
	}
	dir, err := modelsDir(l.cfg)
	if err != nil {
		return nil, err
	}
	m, err := model.OpenDir(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("not found in %s; 'portcullis model list' shows what is there, 'portcullis model pull %s' fetches it, ./%s is a folder here", dir, name, name)
	}
	return m, err
}

func modelsDir(cfg config.Config) (string, error) {
	if cfg.ModelsDir != "" {
		return cfg.ModelsDir, nil
	}
	return model.DefaultDir(os.Getenv)
}

func newTokenizer(m *model.Model) (*wordpiece.Tokenizer, error) {
	vocabulary, err := m.Vocabulary()
	if err != nil {
		return nil, err
	}
	manifest := m.Manifest()
	strip := manifest.Tokenizer.Strips()
	return wordpiece.New(bytes.NewReader(vocabulary), wordpiece.Options{
		Lowercase:    manifest.Tokenizer.Lowercase,
		StripAccents: &strip,
		Window:       manifest.Window.Tokens,
		Overlap:      manifest.Window.Overlap,
	})
}

// admitted translates the batcher's refusal into the guard's: the two packages
// do not know each other.
func admitted(run inference.Runner) inference.Runner {
	return func(ctx context.Context, windows []inference.Encoding) ([][]float32, error) {
		rows, err := run(ctx, windows)
		if full, ok := errors.AsType[*batching.OverloadedError](err); ok {
			return rows, &guard.OverloadedError{RetryAfter: full.RetryAfter}
		}
		return rows, err
	}
}
