package ort

import (
	"runtime"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/portcullis-ai/portcullis/inference"
)

// column is the memory of one input.
type column interface {
	// tensor fills the memory with batch, laid out by p, and returns a tensor over
	// it, valid until the next call.
	tensor(batch []inference.Encoding, p *plan) (onnx.Value, error)
	release()
}

// buffer is a column of either integer type. It grows to the largest batch and
// stays pinned: C keeps its address from one call to the next.
type buffer[T int32 | int64] struct {
	role role
	data []T
	pin  runtime.Pinner
}

func newColumn(in value) column {
	if in.element == onnx.TensorElementDataTypeInt32 {
		return &buffer[int32]{role: role(in.name)}
	}
	return &buffer[int64]{role: role(in.name)}
}

func (b *buffer[T]) tensor(batch []inference.Encoding, p *plan) (onnx.Value, error) {
	if b.role.dims() == 1 {
		b.grow(len(batch))
		b.fillTexts(batch, p)
		return onnx.NewTensor(onnx.NewShape(int64(len(batch))), b.data)
	}
	b.grow(p.rows * p.width)
	clear(b.data[:p.rows*p.width])
	for i, e := range batch {
		b.fill(b.data[p.starts[i]:p.starts[i]+e.Len()], i, e.IDs)
	}
	if b.role == roleMask {
		b.showPadding(len(batch), p)
	}
	return onnx.NewTensor(onnx.NewShape(int64(p.rows), int64(p.width)), b.data)
}

func (b *buffer[T]) grow(size int) {
	if size <= len(b.data) {
		return
	}
	b.pin.Unpin()
	b.data = make([]T, max(size, 2*len(b.data)))
	b.pin.Pin(&b.data[0])
}

// fill writes the place of text i, which is all zeros. Zero is also the id of
// what lies beside the texts, which mask or sequence hide.
func (b *buffer[T]) fill(place []T, i int, ids []int32) {
	switch b.role {
	case roleIDs:
		for j, id := range ids {
			place[j] = T(id)
		}
	case rolePositions:
		for j := range place {
			place[j] = T(j)
		}
	case roleMask:
		paint(place, 1)
	case roleSequences:
		paint(place, T(i+1))
	}
}

func paint[T any](place []T, v T) {
	for j := range place {
		place[j] = v
	}
}

// showPadding lets each row that holds no text show one token. Its logits are
// thrown away, but a mean over nothing would be no number, and where a scale is
// taken from a whole tensor that would spoil the others.
func (b *buffer[T]) showPadding(texts int, p *plan) {
	for row := texts; row < p.rows; row++ {
		b.data[row*p.width] = 1
	}
}

func (b *buffer[T]) fillTexts(batch []inference.Encoding, p *plan) {
	for i, e := range batch {
		if b.role == roleStarts {
			b.data[i] = T(p.starts[i])
		} else {
			b.data[i] = T(e.Len())
		}
	}
}

func (b *buffer[T]) release() {
	b.pin.Unpin()
	b.data = nil
}
