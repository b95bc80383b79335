package ort

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/portcullis-ai/portcullis/inference"
)

// Session is a graph loaded for one device. It is an inference.Backend: any
// number of goroutines may call Run, which on the CPU is how the cores are used.
type Session struct {
	graph   Graph
	inputs  []value
	session *onnx.DynamicAdvancedSession
	shapes  shapes
	shrink  string // the arena to shrink after each run, empty: none

	open sync.RWMutex // held for reading by each Run, for writing by Close
	done bool

	mu   sync.Mutex
	idle []*call
}

var _ inference.Backend = (*Session)(nil)

// Session loads a graph for a device of Info().Devices; the CPU has no number
// and takes any.
func (r *Runtime) Session(g Graph, device int) (*Session, error) {
	if r.isClosed() {
		return nil, ErrClosed
	}
	if err := g.validate(); err != nil {
		return nil, fmt.Errorf("ort: %w", err)
	}
	sig, err := g.signature()
	if err != nil {
		return nil, fmt.Errorf("ort: %s: %w", g.name(), err)
	}
	output, err := sig.check(g)
	if err != nil {
		return nil, fmt.Errorf("ort: %s: %w", g.name(), err)
	}
	session, err := r.load(g, device, sig, output)
	if err != nil {
		return nil, fmt.Errorf("ort: %s: load for %s: %w", g.name(), r.info.Provider, err)
	}
	s := &Session{graph: g, inputs: sig.inputs, session: session, shapes: shapesOn(r.info.Provider, r.config.Card, g)}
	if r.info.Provider.gpu() && r.config.Card.ShrinkArena {
		s.shrink = fmt.Sprintf("gpu:%d", device)
	}
	return s, nil
}

// Tokens returns what a batch of so many texts, of which the longest and all
// together have so many tokens, costs the device: their own tokens and the padding
// between them. It is never less for more.
func (s *Session) Tokens(count, longest, sum int) int { return s.shapes.tokens(count, longest, sum) }

func (r *Runtime) load(g Graph, device int, sig signature, output string) (*onnx.DynamicAdvancedSession, error) {
	options, err := r.options(r.info.Provider, device, g)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(sig.inputs))
	for i, in := range sig.inputs {
		names[i] = in.name
	}
	var session *onnx.DynamicAdvancedSession
	create := func() (err error) {
		if g.Path != "" {
			session, err = onnx.NewDynamicAdvancedSession(g.Path, names, []string{output}, options)
		} else {
			session, err = onnx.NewDynamicAdvancedSessionWithONNXData(g.Data, names, []string{output}, options)
		}
		return err
	}
	if r.info.Provider.gpu() {
		err = keepSignals(create)
	} else {
		err = create()
	}
	return session, errors.Join(err, options.Destroy())
}

// Run returns a row of logits for each window of batch.
//
// On the CPU every window runs by itself, unpadded: that is the fastest there,
// and a score cannot depend on what else was in the batch, as it would where
// int8 activations are scaled by the largest value of a tensor. On a card the
// batch is one tensor, padded under the attention mask or packed.
//
// When ctx ends, the graph stops after the operator it is in and Run returns
// ctx's error.
func (s *Session) Run(ctx context.Context, batch []inference.Encoding) ([][]float32, error) {
	if err := s.graph.check(batch); err != nil {
		return nil, err
	}
	s.open.RLock()
	defer s.open.RUnlock()
	if s.done {
		return nil, ErrClosed
	}
	if err := ctx.Err(); err != nil || len(batch) == 0 {
		return nil, err
	}
	c, err := s.borrow()
	if err != nil {
		return nil, fmt.Errorf("ort: %w", err)
	}
	defer s.giveBack(c)
	step, outputs := 1, len(batch)
	if s.shapes.grouped {
		step, outputs = len(batch), s.shapes.rows(len(batch)) // padding gives logits too
	}
	logits := make([]float32, outputs*s.graph.Labels)
	err = c.run(ctx, batch, step, logits)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("ort: %s: %w", s.graph.name(), err)
	}
	return slices.Collect(slices.Chunk(logits[:len(batch)*s.graph.Labels], s.graph.Labels)), nil
}

// check refuses what the graph must not be given: a card reads past its tables
// for an id that is too high, and every provider counts a negative one from
// their end.
func (g Graph) check(batch []inference.Encoding) error {
	for i, e := range batch {
		if len(e.IDs) == 0 || len(e.IDs) > g.MaxLength {
			return fmt.Errorf("ort: window %d has %d tokens, want 1 to %d", i, len(e.IDs), g.MaxLength)
		}
		for _, id := range e.IDs {
			if id < 0 || int(id) >= g.Vocabulary {
				return fmt.Errorf("ort: window %d has the token id %d, want 0 to %d", i, id, g.Vocabulary-1)
			}
		}
	}
	return nil
}

// Close waits for the calls that are running, which end with their contexts,
// and frees the model.
func (s *Session) Close() error {
	s.open.Lock()
	defer s.open.Unlock()
	if s.done {
		return nil
	}
	s.done = true
	err := s.session.Destroy()
	for _, c := range s.idle {
		err = errors.Join(err, c.destroy())
	}
	trimMemory()
	return err
}

// borrow returns a call that nobody uses. There are never more than callers at
// once, and each is a few buffers of the longest batch it ran.
func (s *Session) borrow() (*call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		c := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return c, nil
	}
	return newCall(s)
}

func (s *Session) giveBack(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, c)
}
