package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/portcullis-ai/portcullis/internal/gpu"
)

// vitals are what the service holds at one moment.
type vitals struct {
	goroutines, files, inFlight, restored float64
	loaded, refused                       float64 // reloads
	memory                                float64 // bytes, resident
}

// watch looks at the service from outside.
type watch struct {
	service *gpu.Service
	book    *book
	began   time.Time
	start   vitals
	seen    []float64 // memory, in the order of time
}

func (w *watch) look(ctx context.Context) (v vitals, err error) {
	_, page, err := w.service.Get(ctx, "/metrics")
	for line := range strings.Lines(page) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		into := map[string]*float64{
			"go_goroutines": &v.goroutines, "process_open_fds": &v.files, "process_resident_memory_bytes": &v.memory,
			"portcullis_texts_in_flight": &v.inFlight, "portcullis_reload_last_successful": &v.restored,
			`portcullis_reloads_total{result="loaded"}`: &v.loaded, `portcullis_reloads_total{result="refused"}`: &v.refused,
		}[name]
		if into != nil {
			*into, _ = strconv.ParseFloat(value, 64)
		}
	}
	return v, err
}

// before notes what an idle service holds that has judged something: many texts at once, so
// that it has all the goroutines that it keeps for the next ones.
func (w *watch) before(ctx context.Context) (err error) {
	c := &client{conn: w.service.Conn, addr: w.service.Conn.Target(), book: &book{}}
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() { c.call(ctx) })
	}
	all.Wait()
	w.start, err = w.look(ctx)
	return err
}

// run tells every ten seconds how it goes.
func (w *watch) run(ctx context.Context) {
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-w.service.Ended():
			w.book.fault("the service has ended: %d\n%s", w.service.ExitCode(), w.service.Log())
			return
		case <-time.After(time.Second):
		}
		v, err := w.look(ctx)
		if err != nil {
			if ctx.Err() == nil {
				w.book.fault("no metrics: %v", err)
			}
			continue
		}
		if w.seen = append(w.seen, v.memory); i%10 == 9 {
			all, wrong := w.book.sum()
			fmt.Printf("%6s  %7d done  %d faults  %4.0f MiB  %4.0f goroutines  %3.0f files  %3.0f texts in flight\n",
				time.Since(w.began).Round(time.Second), all, wrong, v.memory/mib, v.goroutines, v.files, v.inFlight)
		}
	}
}

// What the service may hold beyond what it held before, once it is quiet: connections and
// their goroutines end a moment later; and how much more memory it may take in the second
// half of the time than it took in the first, at most and in all.
const (
	spareGoroutines = 20
	spareFiles      = 10
	growth          = 1.2
	mostMemory      = 2 << 30
)

// after waits until the service is quiet, and says what it holds that it should not.
func (w *watch) after(ctx context.Context) error {
	v, err := w.quiet(ctx)
	if err != nil {
		return err
	}
	half := len(w.seen) / 2
	first, second := most(w.seen[:half]), most(w.seen[half:])
	fmt.Printf("memory: %.0f MiB at first, at most %.0f MiB in the first half and %.0f MiB in the second, %.0f MiB at the end\n",
		w.start.memory/mib, first/mib, second/mib, v.memory/mib)
	fmt.Printf("goroutines: %.0f, then %.0f; files: %.0f, then %.0f\n", w.start.goroutines, v.goroutines, w.start.files, v.files)
	fmt.Printf("reloads: %.0f taken, %.0f refused\n", v.loaded, v.refused)
	switch {
	case v.loaded == 0 || v.refused == 0:
		return errors.New("no reload was taken, or none was refused")
	case !w.settled(v):
		return errors.New("it keeps goroutines, files or texts that it should have given back")
	case second > mostMemory || half > 30 && second > growth*first:
		return errors.New("its memory grows")
	case v.restored != 1:
		return errors.New("the last reload is refused, and what lies there is good")
	}
	return nil
}

func (w *watch) settled(v vitals) bool {
	return v.inFlight == 0 && v.goroutines <= w.start.goroutines+spareGoroutines && v.files <= w.start.files+spareFiles
}

// quiet asks until the service is settled, a minute at most.
func (w *watch) quiet(ctx context.Context) (v vitals, err error) {
	for range 60 {
		if v, err = w.look(ctx); err != nil || w.settled(v) && v.restored == 1 {
			return v, err
		}
		select {
		case <-ctx.Done():
			return v, context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
	return v, nil
}

func most(of []float64) (m float64) {
	for _, v := range of {
		m = max(m, v)
	}
	return m
}
