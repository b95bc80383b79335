package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/inference/wordpiece"
	"github.com/portcullis-ai/portcullis/model"
)

// device is a model's session on one device and how to prove it.
type device struct {
	name    string
	session *ort.Session
	test    func(context.Context) error // known answers, past the batcher
}

type devices []device

func (ds devices) close() error {
	var errs []error
	for _, d := range ds {
		errs = append(errs, d.session.Close())
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
	info := l.runtime.Info()
	graph, err := m.Graph(string(info.Provider), string(l.cfg.ONNXRuntime.Precision))
	if err != nil {
		return nil, graph, err
	}
	if err := graph.Verify(ctx); err != nil {
		return nil, graph, err
	}
	numbers := info.Devices
	if len(numbers) == 0 {
		numbers = []int{0} // the CPU
	}
	var open devices
	for _, n := range numbers {
		d, err := l.openDevice(ctx, m, graph, t, n)
		if err != nil {
			return nil, graph, errors.Join(err, open.close())
		}
		open = append(open, d)
	}
	return open, graph, nil
}

func (l modelLoader) openDevice(ctx context.Context, m *model.Model, graph model.Graph, t *wordpiece.Tokenizer, number int) (device, error) {
	info, manifest := l.runtime.Info(), m.Manifest()
	d := device{name: string(info.Provider)}
	if len(info.Devices) > 0 {
		d.name = fmt.Sprintf("%s:%d", info.Provider, number)
	}
	g := ort.Graph{
		Path: graph.Path(), Precision: ort.Precision(graph.Precision),
		Labels: len(manifest.Labels), MaxLength: manifest.Window.Tokens, Vocabulary: t.Size(),
	}
	var err error
	if g.Path == "" {
		if g.Data, err = graph.Read(); err != nil {
			return d, err
		}
	}
	if d.session, err = l.runtime.Session(g, number); err != nil {
		return d, err
	}
	alone := inference.NewClassifier(describe(manifest), t, d.session.Run)
	d.test = func(ctx context.Context) error { return inference.SelfTest(ctx, alone, knownAnswers(manifest)) }
	if err := errors.Join(d.test(ctx), warmUp(ctx, alone, manifest.Window.Tokens)); err != nil {
		return d, errors.Join(fmt.Errorf("%s: %w", d.name, err), d.session.Close())
	}
	return d, nil
}

// warmUp runs one full window on every core at a time, so that the memory of a
// busy moment is taken before the first request.
func warmUp(ctx context.Context, c *inference.Classifier, tokens int) error {
	window := c.Encode(strings.Repeat("warm up ", tokens))[:1]
	cores := runtime.GOMAXPROCS(0)
	done := make(chan error, cores)
	for range cores {
		go func() {
			_, err := c.Score(ctx, window)
			done <- err
		}()
	}
	var errs []error
	for range cores {
		errs = append(errs, <-done)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("warm-up: %w", err)
	}
	return nil
}

// What a batch on a card may hold. Not measured here, where there is no card:
// performance.md's arithmetic, to be replaced by what a warm-up measures.
const (
	gpuInFlight  = 2     // one fills while one computes
	gpuMaxItems  = 256   // rows
	gpuMaxCost   = 16384 // padded tokens
	gpuFixedCost = 2000  // tokens that a launch is worth
)

// newBatcher puts one executor for each device behind one queue.
func (l modelLoader) newBatcher(m model.Manifest, ds devices) (*batching.Batcher[inference.Encoding, []float32], error) {
	executors := make([]batching.Executor[inference.Encoding, []float32], len(ds))
	for i, d := range ds {
		e := batching.Executor[inference.Encoding, []float32]{Name: d.name, Run: d.session.Run, Healthy: d.test, TestEvery: l.cfg.Trust.SelfTestEvery}
		if l.runtime.Info().Provider == ort.CPU {
			// A text at a time at its own length, as many as there are cores: on a
			// CPU a batch gains nothing and its padding costs (performance.md, 1).
			e.InFlight, e.MaxItems, e.MaxCost, e.Cost = runtime.GOMAXPROCS(0), 1, m.Window.Tokens, batching.Padded(0)
		} else {
			e.InFlight, e.MaxItems, e.MaxCost, e.Cost = gpuInFlight, gpuMaxItems, gpuMaxCost, batching.Padded(gpuFixedCost)
		}
		executors[i] = e
	}
	return batching.New(l.cfg.Batching, inference.Encoding.Len, executors, batching.WithObserver(l.observer(m.Name)))
}
