package ort

import (
	"context"
	"errors"
	"runtime"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/portcullis-ai/portcullis/inference"
)

// call is what one caller needs to run the graph, kept for the next one.
type call struct {
	session *Session
	options *onnx.RunOptions
	plan    plan
	columns []column
	inputs  []onnx.Value
	outputs []onnx.Value
}

// shrinkArena is the key of a run's configuration that names the arenas to
// shrink at its end.
const shrinkArena = "memory.enable_memory_arena_shrinkage"

func newCall(s *Session) (*call, error) {
	options, err := onnx.NewRunOptions()
	if err != nil {
		return nil, err
	}
	if s.shrink != "" {
		if err := options.AddRunConfigEntry(shrinkArena, s.shrink); err != nil {
			return nil, errors.Join(err, options.Destroy())
		}
	}
	c := &call{session: s, options: options, inputs: make([]onnx.Value, len(s.inputs)), outputs: make([]onnx.Value, 1)}
	for _, in := range s.inputs {
		c.columns = append(c.columns, newColumn(in))
	}
	return c, nil
}

// run runs batch, step texts to a tensor, and writes the rows to logits, one
// behind the other. It stops soon after ctx ends.
func (c *call) run(ctx context.Context, batch []inference.Encoding, step int, logits []float32) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(&logits[0])
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		_ = c.options.Terminate() // ends the tensor that is running and those to come
	})
	var err error
	labels := c.session.graph.Labels
	for i := 0; i < len(batch) && err == nil; i += step {
		err = c.runTensor(batch[i:i+step], logits[i*labels:])
	}
	if stop() {
		return err
	}
	// The flag must be up before it is taken down, or it would end the call
	// that uses these options next.
	<-told
	return errors.Join(err, c.options.UnsetTerminate())
}

// runTensor runs texts as one tensor. What logits has room for beyond them may be
// written with the logits of padding.
func (c *call) runTensor(texts []inference.Encoding, logits []float32) (err error) {
	defer func() { err = errors.Join(err, c.drop()) }()
	c.plan.lay(texts, c.session.shapes)
	shape := onnx.NewShape(int64(c.plan.outputs), int64(c.session.graph.Labels))
	if c.outputs[0], err = onnx.NewTensor(shape, logits); err != nil {
		return err
	}
	for i, col := range c.columns {
		if c.inputs[i], err = col.tensor(texts, &c.plan); err != nil {
			return err
		}
	}
	return c.session.session.RunWithOptions(c.inputs, c.outputs, c.options)
}

// drop frees the tensors, not the memory under them.
func (c *call) drop() error {
	var all error
	for _, values := range [][]onnx.Value{c.inputs, c.outputs} {
		for i, v := range values {
			if v != nil {
				all = errors.Join(all, v.Destroy())
			}
			values[i] = nil
		}
	}
	return all
}

func (c *call) destroy() error {
	for _, col := range c.columns {
		col.release()
	}
	return c.options.Destroy()
}
