package cache

import (
	"context"
	"slices"

	"github.com/portcullis-ai/portcullis/inference"
)

// query is a call that found some of its windows unknown.
type query struct {
	cache   *Cache
	memory  *memory
	run     inference.Runner
	windows []inference.Encoding
	rows    [][]float32 // of windows, as far as they are known
	wanted  []want
	own     *flight   // of what nobody else runs; nil if there is nothing
	flights []*flight // waited for, each once
}

// want is an unknown window, and where its row will come from.
type want struct {
	at   int // its place in windows
	key  key
	seat seat // none: its row is known by now
}

// answer fills in the rows that are wanted.
func (q *query) answer(ctx context.Context) error {
	q.board(q.cache.flowOf(ctx), func(flow any) *flight { return newFlight(ctx, q.memory, flow) })
	if q.own != nil {
		go q.cache.fly(q.own, q.run)
	}
	err := q.wait(ctx)
	q.collect()
	if err != nil {
		return err
	}
	return q.retry(ctx)
}

// board finds each wanted window a flight. It looks at the memory once more, since
// the flight that had it may have landed in between.
func (q *query) board(flow any, begin func(flow any) *flight) {
	size := 0
	for _, w := range q.windows {
		size += w.Len()
	}
	c := q.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range q.wanted {
		w := &q.wanted[i]
		r := route{w.key, flow}
		if s, ok := c.flights[r]; ok && (s.flight == q.own || s.flight.size <= size) {
			q.join(w, s)
			continue
		}
		if row, ok := q.memory.recall(w.key); ok {
			q.rows[w.at] = row
			c.hits.Add(1)
			continue
		}
		if q.own == nil {
			q.own = begin(flow)
			q.flights = slices.Insert(q.flights, 0, q.own) // a refusal must not wait for others
		}
		w.seat = q.own.add(q.windows[w.at], w.key)
		c.flights[r] = w.seat // in place of a longer one, which fewer may join
	}
}

// join waits for a window with those of a flight that has it. The lock is held.
func (q *query) join(w *want, s seat) {
	w.seat = s
	q.cache.joined.Add(1)
	if !slices.Contains(q.flights, s.flight) {
		q.flights = append(q.flights, s.flight)
		s.flight.callers++
	}
}

// wait returns when every flight has landed, the query's own has failed or ctx has
// ended. What it no longer waits for it has left.
func (q *query) wait(ctx context.Context) error {
	for i, f := range q.flights {
		select {
		case <-f.done:
			if f == q.own && f.err != nil {
				q.leave(q.flights[i+1:])
				return f.err
			}
		case <-ctx.Done():
			q.leave(q.flights[i:])
			return ctx.Err()
		}
	}
	return nil
}

func (q *query) leave(flights []*flight) {
	for _, f := range flights {
		q.cache.leave(f)
	}
}

// collect takes the rows of the flights that have landed. One that failed may have
// rows all the same, which are as good as those of any failed run.
func (q *query) collect() {
	for _, w := range q.wanted {
		f := w.seat.flight
		if f == nil {
			continue
		}
		select {
		case <-f.done:
			if w.seat.place < len(f.rows) {
				q.rows[w.at] = f.rows[w.seat.place]
			}
		default:
		}
	}
}

// retry runs what the flights of others failed to give.
func (q *query) retry(ctx context.Context) error {
	var windows []inference.Encoding
	var keys []key
	var at []int
	for _, w := range q.wanted {
		if q.rows[w.at] == nil && w.seat.flight != q.own {
			windows, keys, at = append(windows, q.windows[w.at]), append(keys, w.key), append(at, w.at)
		}
	}
	if len(windows) == 0 {
		return nil
	}
	rows, err := q.cache.compute(ctx, q.memory, q.run, windows, keys)
	for i, row := range rows[:min(len(rows), len(at))] {
		q.rows[at[i]] = row
	}
	return err
}
