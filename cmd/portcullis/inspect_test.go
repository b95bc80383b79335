package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/server"
)

// onDisk is a model of a folder, as far as its files go.
func onDisk(t *testing.T, dir string) *loadedModel {
	t.Helper()
	source, err := model.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := source.Graph(model.CPU, model.Auto)
	if err != nil {
		t.Fatal(err)
	}
	alive := batching.Stats{Executors: []batching.ExecutorStats{{Alive: true}}}
	return &loadedModel{
		source: source, graph: graph, server: server.Model{Name: source.Manifest().Name, Digest: graph.Digest()},
		stats: func() batching.Stats { return alive },
	}
}

// hearsay is what health checks were told.
type hearsay struct {
	mu   sync.Mutex
	told []bool
}

func (h *hearsay) tell(serving bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, serving)
}

func (h *hearsay) want(t *testing.T, when string, want ...bool) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.told, want) {
		t.Errorf("%s: told %v, want %v", when, h.told, want)
	}
}

// inspected is a rotation with one model of a folder, looked at once an hour, and
// what health checks were told.
func inspected(t *testing.T, on string) (dir string, r *rotation, i *inspector, told *hearsay) {
	t.Helper()
	dir, told = t.TempDir(), new(hearsay)
	variant(t, dir, 0)
	m, log := metrics.New(), slog.New(slog.DiscardHandler)
	r = newRotation(config.Trust{OnMismatch: on}, log, m)
	r.serve([]*loadedModel{onDisk(t, dir)})
	r.start(told.tell)
	return dir, r, &inspector{every: time.Hour, rotation: r, metrics: m, log: log}, told
}

// TestMismatchDrains: a file that is found to be another one twice takes the service
// out of rotation, if so configured; put right, it brings it back.
func TestMismatchDrains(t *testing.T) {
	for on, want := range map[string][]bool{config.Drain: {true, false, true}, config.Keep: {true}} {
		t.Run(on, func(t *testing.T) {
			dir, _, i, told := inspected(t, on)
			right, err := os.ReadFile(filepath.Join(dir, "vocab.txt"))
			if err != nil {
				t.Fatal(err)
			}
			for n, step := range []struct {
				vocab []byte
				pause time.Duration
				told  int
			}{
				{right, time.Hour, 1},
				{append([]byte("x"), right...), soon, 1}, // the folder may just be being exchanged
				{append([]byte("x"), right...), soon, 2},
				{append([]byte("x"), right...), soon, 2},
				{right, time.Hour, 3},
				{append([]byte("x"), right...), soon, 3},
				{right, time.Hour, 3},
			} {
				put(t, dir, "vocab.txt", step.vocab)
				if pause := i.round(t.Context()); pause != step.pause {
					t.Errorf("step %d: looks again in %v, want %v", n, pause, step.pause)
				}
				told.want(t, fmt.Sprint("step ", n), want[:min(step.told, len(want))]...)
			}
		})
	}
}

// TestUnreadableDoesNotDrain: a volume that is away says nothing about the model
// that was loaded from it.
func TestUnreadableDoesNotDrain(t *testing.T) {
	dir, _, i, told := inspected(t, config.Drain)
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		i.round(t.Context())
	}
	told.want(t, "with the volume away", true)
}

// TestUnreadableIsLookedAtSoon: a file that is found missing while it is put right
// does not keep the service out of rotation for an hour.
func TestUnreadableIsLookedAtSoon(t *testing.T) {
	dir, _, i, told := inspected(t, config.Drain)
	file := filepath.Join(dir, "vocab.txt")
	right, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "vocab.txt", []byte("another"))
	i.round(t.Context())
	i.round(t.Context())
	told.want(t, "with another file", true, false)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if pause := i.round(t.Context()); pause != soon {
		t.Errorf("without the file it looks again in %v, want %v", pause, soon)
	}
	put(t, dir, "vocab.txt", right)
	i.round(t.Context())
	told.want(t, "with the right file", true, false, true)
}

// TestMismatchAfterAReload: a model that a reload found right and kept is blamed
// again when its files are others at the next look.
func TestMismatchAfterAReload(t *testing.T) {
	dir, r, i, told := inspected(t, config.Drain)
	put(t, dir, "vocab.txt", []byte("another"))
	i.round(t.Context())
	i.round(t.Context())
	r.serve(r.served())
	told.want(t, "kept by a reload", true, false, true)
	i.round(t.Context())
	told.want(t, "with another file again", true, false, true, false)
}

// TestANewModelIsNotBlamed: what was wrong with the files of the old one ends with it.
func TestANewModelIsNotBlamed(t *testing.T) {
	dir, r, i, told := inspected(t, config.Drain)
	variant(t, dir, 0.5)
	i.round(t.Context())
	i.round(t.Context())
	told.want(t, "with other files", true, false)
	r.serve([]*loadedModel{onDisk(t, dir)})
	i.round(t.Context())
	told.want(t, "with the new model", true, false, true)
}

// TestInspectorComesAgain at the times it says, and ends with its context.
func TestInspectorComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, _, i, told := inspected(t, config.Drain)
		go i.run(t.Context())
		put(t, dir, "vocab.txt", []byte("another"))
		time.Sleep(time.Hour + soon/2)
		synctest.Wait()
		told.want(t, "after the first look", true)
		time.Sleep(soon)
		synctest.Wait()
		told.want(t, "after the second look", true, false)
	})
}
