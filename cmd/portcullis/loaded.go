package main

import (
	"context"
	"slices"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/guard/classify"
	"github.com/portcullis-ai/portcullis/guard/policy"
	"github.com/portcullis-ai/portcullis/inference/cache"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/server"
)

// loadedModel is a model that has proven itself and takes texts. Generations that
// serve it share it.
type loadedModel struct {
	source *model.Model
	graph  model.Graph // the one that runs
	check  *classify.Check
	server server.Model
	policy policy.Model
	stats  func() batching.Stats
	cached func() cache.Stats
	close  func(context.Context) error
	// generations counts those that hold the model. Generations are built and closed
	// one at a time, so it needs no lock.
	generations int
}

// hold keeps the model for one more generation, release gives it up. The last one
// closes it.
func (m *loadedModel) hold() *loadedModel {
	m.generations++
	return m
}

func (m *loadedModel) release(ctx context.Context) error {
	if m.generations--; m.generations > 0 {
		return nil
	}
	return m.close(ctx)
}

// alive tells whether any device runs the model.
func (m *loadedModel) alive() bool {
	return slices.ContainsFunc(m.stats().Executors, func(e batching.ExecutorStats) bool { return e.Alive })
}

// embedded tells whether the model is inside the binary, where it cannot change.
func (m *loadedModel) embedded() bool { return m.source.Dir() == "" }

// verify compares the files that the model was loaded from with their digests.
func (m *loadedModel) verify(ctx context.Context) error {
	if m.embedded() {
		return nil
	}
	if _, err := m.source.Vocabulary(); err != nil {
		return err
	}
	return m.graph.Verify(ctx)
}
