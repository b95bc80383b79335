package main

import (
	"context"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/inference/cache"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// newCache returns the cache of a model that is being loaded. It lives as long as the
// model, so nothing that it knows outlives an exchange. The device tests do not pass
// through it: they run past the batcher.
func (l modelLoader) newCache() *cache.Cache {
	return cache.New(l.cfg.Cache, func(ctx context.Context) any { return batching.FlowFrom(ctx) })
}

// cachesOf tells by model what its cache did.
func cachesOf(models []*loadedModel) map[string]func() metrics.CacheStats {
	out := make(map[string]func() metrics.CacheStats, len(models))
	for _, m := range models {
		out[m.server.Name] = func() metrics.CacheStats { return metrics.CacheStats(m.cached()) }
	}
	return out
}
