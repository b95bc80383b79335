package cache

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/portcullis-ai/portcullis/inference"
)

// Cache remembers the rows of one loaded model. It is safe for concurrent use, has no
// goroutine of its own and need not be closed.
type Cache struct {
	cfg    Config
	flowOf func(context.Context) any
	memory atomic.Pointer[memory]

	mu      sync.Mutex // guards flights, and the callers of each
	flights map[route]seat

	hits, joined, misses atomic.Uint64
	evictions            evictions
}

// New returns an empty cache. cfg must be valid. flowOf tells by a comparable value
// which calls take turns for the model in the order in which they come; those alone
// share flights. It must be quick.
func New(cfg Config, flowOf func(context.Context) any) *Cache {
	c := &Cache{cfg: cfg, flowOf: flowOf, flights: make(map[route]seat)}
	c.Forget()
	return c
}

// Around returns a Runner that asks run only for windows of which the cache knows
// nothing; run itself if the cache is not enabled. All runners around which one cache
// is laid must give the same rows.
//
// Rows are shared: whoever gets one MUST NOT change it. On error the result is as long
// as windows, and holds the rows that were known or finished. Calls of run carry the
// values and the deadline of the context of the call that led to them, but end when
// every call that waits for them has gone.
func (c *Cache) Around(run inference.Runner) inference.Runner {
	if !c.cfg.Enabled {
		return run
	}
	return func(ctx context.Context, windows []inference.Encoding) ([][]float32, error) {
		m, rows := c.memory.Load(), make([][]float32, len(windows))
		var wanted []want
		for i, w := range windows {
			k := m.key(w.IDs)
			row, ok := m.recall(k)
			if !ok {
				wanted = append(wanted, want{at: i, key: k})
			}
			rows[i] = row
		}
		c.hits.Add(uint64(len(windows) - len(wanted)))
		if len(wanted) == 0 {
			return rows, nil
		}
		if err := ctx.Err(); err != nil {
			return rows, err
		}
		q := query{cache: c, memory: m, run: run, windows: windows, rows: rows, wanted: wanted}
		return rows, q.answer(ctx)
	}
}

// Forget drops all rows, those of runs under way included: what a device gave may
// have been wrong.
func (c *Cache) Forget() { c.memory.Store(newMemory(c.cfg.MaxBytes, &c.evictions)) }

// Stats is what a cache did. Windows are counted, not texts.
type Stats struct {
	Hits      uint64 // known
	Joined    uint64 // run for another call, or earlier in the same
	Misses    uint64 // run
	Evictions uint64 // rows that had to make room
	Bytes     uint64 // held now
}

// Stats may be called at any time.
func (c *Cache) Stats() Stats {
	return Stats{
		Hits: c.hits.Load(), Joined: c.joined.Load(), Misses: c.misses.Load(),
		Evictions: c.evictions.count.Load(), Bytes: c.memory.Load().rows.WeightedSize(),
	}
}

// compute runs windows and remembers their rows if all went well.
func (c *Cache) compute(ctx context.Context, m *memory, run inference.Runner, windows []inference.Encoding, keys []key) ([][]float32, error) {
	c.misses.Add(uint64(len(windows)))
	rows, err := run(ctx, windows)
	if err == nil && len(rows) != len(windows) {
		err = fmt.Errorf("cache: %d rows for %d windows", len(rows), len(windows))
	}
	if err != nil {
		return rows, err
	}
	for i, row := range rows {
		m.keep(keys[i], row)
	}
	return rows, nil
}
