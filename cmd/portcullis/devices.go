package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/inference/wordpiece"
	"github.com/portcullis-ai/portcullis/model"
)

// device is a model's session on one device, how to prove it, and how batches are
// to be given to it.
type device struct {
	name    string
	backend inference.Backend
	test    func(context.Context) error // known answers, past the batcher
	limit   time.Duration               // of a later test: beside texts it takes longer than alone
	pace    pace
}

// A later test may take so many times as long as the first. On a CPU it is never late
// before the deadline of every text is: a core does not hang, and where a test is slow
// the machine is busy with something else.
const (
	testSlack   = 10
	cpuTestTime = 2 * time.Minute
)

// newDevice returns a device that nothing has been asked of yet.
func newDevice(name string, b inference.Backend, m model.Manifest, t *wordpiece.Tokenizer) device {
	alone := inference.NewClassifier(describe(m), t, b.Run)
	return device{name: name, backend: b, test: func(ctx context.Context) error {
		return inference.SelfTest(ctx, alone, knownAnswers(m))
	}}
}

type devices []device

func (ds devices) close() error {
	var errs []error
	for _, d := range ds {
		errs = append(errs, d.backend.Close())
	}
	return errors.Join(errs...)
}

func (ds devices) names() string {
	names := make([]string, len(ds))
	for i, d := range ds {
		names[i] = d.name
	}
	return strings.Join(names, ",")
}

// openDevices verifies the graph and opens, tests and warms a session on every
// device that the runtime has.
func (l modelLoader) openDevices(ctx context.Context, m *model.Model, t *wordpiece.Tokenizer) (devices, model.Graph, error) {
	graph, err := m.Graph(string(l.runtime.Info().Provider), string(l.cfg.ONNXRuntime.Precision))
	if err != nil {
		return nil, graph, err
	}
	var open devices
	err = verifiedAround(ctx, graph, func() error {
		for _, at := range l.places() {
			d, err := l.openDevice(ctx, m, graph, t, at)
			if err != nil {
				return err
			}
			open = append(open, d)
		}
		return nil
	})
	if err != nil {
		return nil, graph, errors.Join(err, open.close())
	}
	return open, graph, nil
}

// verifiedAround verifies the graph before and after load. ONNX Runtime reads a file
// itself, later than its digest was taken: one that was exchanged in between would
// be served under the digest of the other. A graph in memory is verified as it is read.
func verifiedAround(ctx context.Context, graph model.Graph, load func() error) error {
	if err := graph.Verify(ctx); err != nil {
		return err
	}
	if err := load(); err != nil || graph.Path() == "" {
		return err
	}
	return graph.Verify(ctx)
}

// place is where a session is opened: a card, by its number, or the CPU, which may have
// a second one for the text that is alone, with so many threads.
type place struct{ number, lone int }

// places is where each model is opened, the quickest for a lone text first.
func (l modelLoader) places() (at []place) {
	for _, n := range l.runtime.Info().Devices {
		at = append(at, place{number: n})
	}
	if len(at) > 0 {
		return at
	}
	if n := cmp.Or(l.cfg.ONNXRuntime.LoneThreads, runtime.GOMAXPROCS(0)); n > l.cfg.ONNXRuntime.Threads {
		at = append(at, place{lone: n})
	}
	return append(at, place{})
}

// openDevice opens a session, asks its known answers, warms it and, on a card,
// measures it.
func (l modelLoader) openDevice(ctx context.Context, m *model.Model, graph model.Graph, t *wordpiece.Tokenizer, at place) (device, error) {
	session, err := l.openSession(m.Manifest(), graph, t, at)
	if err != nil {
		return device{}, err
	}
	d := newDevice(l.deviceName(at), session, m.Manifest(), t)
	began := time.Now()
	if err = d.test(ctx); err == nil {
		d.limit = testSlack * time.Since(began)
		if l.runtime.Info().Provider == ort.CPU {
			d.limit = max(d.limit, cpuTestTime)
		}
		d.pace, err = l.paceOf(ctx, d.name, at, session, longest(t, m.Manifest().Window.Tokens))
	}
	if err != nil {
		return device{}, errors.Join(fmt.Errorf("%s: %w", d.name, err), session.Close())
	}
	return d, nil
}

func (l modelLoader) openSession(m model.Manifest, graph model.Graph, t *wordpiece.Tokenizer, at place) (*ort.Session, error) {
	g := ort.Graph{
		Path: graph.Path(), Digest: graph.SHA256, Precision: ort.Precision(graph.Precision), Layout: ort.Padded,
		Labels: len(m.Labels), MaxLength: m.Window.Tokens, Vocabulary: t.Size(), Threads: at.lone,
	}
	if graph.Packs() {
		g.Layout = ort.Packed
	}
	if g.Path == "" {
		var err error
		if g.Data, err = graph.Read(); err != nil {
			return nil, err
		}
	}
	return l.runtime.Session(g, at.number)
}

// deviceName is what errors, logs and metrics call a device: cuda:0, cpu, or cpu:lone.
func (l modelLoader) deviceName(at place) string {
	info := l.runtime.Info()
	switch {
	case at.lone > 0:
		return string(info.Provider) + ":lone"
	case len(info.Devices) == 0:
		return string(info.Provider)
	}
	return fmt.Sprintf("%s:%d", info.Provider, at.number)
}

// longest returns a window as long as the model allows.
func longest(t *wordpiece.Tokenizer, tokens int) inference.Encoding {
	return t.Encode(strings.Repeat("warm up ", tokens))[0]
}
