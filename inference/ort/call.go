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
	columns []column
	inputs  []onnx.Value
	outputs []onnx.Value
}

func newCall(s *Session) (*call, error) {
	options, err := onnx.NewRunOptions()
	if err != nil {
		return nil, err
	}
	c := &call{session: s, options: options, inputs: make([]onnx.Value, len(s.inputs)), outputs: make([]onnx.Value, 1)}
	for _, in := range s.inputs {
		if in.element == onnx.TensorElementDataTypeInt32 {
			c.columns = append(c.columns, &buffer[int32]{role: role(in.name)})
		} else {
			c.columns = append(c.columns, &buffer[int64]{role: role(in.name)})
		}
	}
	return c, nil
}

// run runs batch, step windows to a tensor, and writes the rows to logits, one
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
		err = c.runTensor(batch[i:i+step], logits[i*labels:(i+step)*labels])
	}
	if stop() {
		return err
	}
	// The flag must be up before it is taken down, or it would end the call
	// that uses these options next.
	<-told
	return errors.Join(err, c.options.UnsetTerminate())
}

func (c *call) runTensor(batch []inference.Encoding, logits []float32) (err error) {
	defer func() { err = errors.Join(err, c.drop()) }()
	shape := onnx.NewShape(int64(len(batch)), int64(c.session.graph.Labels))
	if c.outputs[0], err = onnx.NewTensor(shape, logits); err != nil {
		return err
	}
	width := c.session.width(batch)
	for i, col := range c.columns {
		if c.inputs[i], err = col.tensor(batch, width); err != nil {
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
