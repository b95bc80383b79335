package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/model"
)

// inspector compares the files of the models that are served with what was loaded.
type inspector struct {
	every    time.Duration
	rotation *rotation
	metrics  *metrics.Metrics
	log      *slog.Logger

	looks map[*loadedModel]int // how often in a row the files were others
}

// soon is when a model is looked at again whose files were others, unless every is
// sooner. A folder that is just being exchanged is left the time to become whole,
// and a file that was put right is noticed.
const soon = time.Minute

// run looks every so often until ctx ends.
func (i *inspector) run(ctx context.Context) {
	if !slices.ContainsFunc(i.rotation.served(), func(m *loadedModel) bool { return !m.embedded() }) {
		i.log.InfoContext(ctx, "no files to verify again: all models are inside the binary")
	}
	for pause := i.every; ; {
		select {
		case <-time.After(pause):
			pause = i.round(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// round looks at every model once and says when to come again.
func (i *inspector) round(ctx context.Context) time.Duration {
	before := i.looks
	i.looks = make(map[*loadedModel]int)
	for _, m := range i.rotation.served() {
		if m.embedded() {
			continue
		}
		if err := m.graph.Recheck(ctx); ctx.Err() == nil {
			i.judge(ctx, m, before[m], err)
		}
	}
	if len(i.looks) > 0 {
		return min(i.every, soon)
	}
	return i.every
}

// judge files what a look found, after looks in a row that found other files. Only
// the second one counts against the model.
func (i *inspector) judge(ctx context.Context, m *loadedModel, looks int, err error) {
	name := m.server.Name
	log := i.log.With(slog.String("model", name), slog.String("digest", m.server.Digest))
	switch {
	case err == nil:
		i.metrics.Verified(name, "match")
		if looks > 1 {
			log.WarnContext(ctx, "the files of the model are those that were loaded again")
		}
		i.rotation.files(m, true)
	case !errors.Is(err, model.ErrMismatch):
		i.metrics.Verified(name, "unreadable")
		if looks > 0 { // it says nothing about what was found before: look again as soon
			i.looks[m] = looks
		}
		log.ErrorContext(ctx, "the files of the model cannot be verified: what was loaded is served, a restart would fail", slog.Any("error", err))
	default:
		i.metrics.Verified(name, "mismatch")
		i.looks[m] = looks + 1
		if looks > 0 { // also after the second: a reload may have found the files right in between
			i.rotation.files(m, false)
		}
		switch looks {
		case 0:
			log.WarnContext(ctx, "a file of the model is not the one that was loaded: looking again", slog.Duration("after", min(i.every, soon)), slog.Any("error", err))
		case 1:
			log.ErrorContext(ctx, "a file of the model is not the one that was loaded", slog.Any("error", err))
		}
	}
}
