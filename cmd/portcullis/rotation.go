package main

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// rotation tells health checks, and so balancers, whether texts should be sent
// here. It forbids nothing: a text that comes all the same is judged, and a model
// that cannot answer is a failed check, which blocks it or has it reviewed.
//
// Every model that is loaded is needed: it was configured, and the built-in policies
// ask all of them.
type rotation struct {
	log     *slog.Logger
	metrics *metrics.Metrics
	drain   bool // a model whose files are others is a reason

	mu     sync.Mutex
	models []*loadedModel        // that are served
	others map[*loadedModel]bool // those whose files are not the ones loaded
	tell   func(serving bool)    // nil until start
	why    string                // not in rotation; empty: in rotation
}

func newRotation(cfg config.Trust, log *slog.Logger, m *metrics.Metrics) *rotation {
	return &rotation{log: log, metrics: m, drain: cfg.OnMismatch == config.Drain}
}

// start puts the service in rotation, unless there is a reason not to. From now on
// tell hears of every change.
func (r *rotation) start(tell func(serving bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell = tell
	if r.why = r.reason(); r.why != "" {
		r.complain()
	}
	tell(r.why == "")
}

// serve says which models are served from now on. Their files have just been found
// to be right.
func (r *rotation) serve(models []*loadedModel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.models, r.others = models, make(map[*loadedModel]bool)
	r.showFiles()
	r.settle()
}

// files says whether the files of a model are those that were loaded.
func (r *rotation) files(m *loadedModel, match bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.others[m] = !match
	r.showFiles()
	r.settle()
}

// served returns the models that are served.
func (r *rotation) served() []*loadedModel {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.models
}

// look finds out anew whether every model has a device that runs it.
func (r *rotation) look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle()
}

// settle tells when the answer has changed. The lock is held, so that answers are
// told in the order in which they were found.
func (r *rotation) settle() {
	why := r.reason()
	if r.tell == nil || why == r.why {
		return
	}
	if r.why = why; why == "" {
		r.log.Info("in rotation again: SERVING")
	} else {
		r.complain()
	}
	r.tell(why == "")
}

func (r *rotation) complain() {
	r.log.Error("out of rotation: NOT_SERVING", slog.String("reason", r.why))
}

// reason says why no texts should be sent here; it is empty if they should. The
// lock is held.
func (r *rotation) reason() string {
	for _, m := range r.models {
		switch {
		case !m.alive():
			return fmt.Sprintf("no device of model %s passes its test", m.server.Name)
		case r.drain && r.others[m]:
			return fmt.Sprintf("the files of model %s are not those that were loaded", m.server.Name)
		}
	}
	return ""
}

// showFiles puts into the metrics what is known of files. The lock is held.
func (r *rotation) showFiles() {
	match := make(map[string]bool)
	for _, m := range r.models {
		if !m.embedded() {
			match[m.server.Name] = !r.others[m]
		}
	}
	r.metrics.FilesMatch(match)
}
