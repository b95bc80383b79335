package ort

import (
	"runtime"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/portcullis-ai/portcullis/inference"
)

// column is the memory of one input.
type column interface {
	// tensor fills the memory with batch, padded to width tokens a row, and
	// returns a tensor over it, valid until the next call.
	tensor(batch []inference.Encoding, width int) (onnx.Value, error)
	release()
}

// buffer is a column of either integer type. It grows to the largest batch and
// stays pinned: C keeps its address from one call to the next.
type buffer[T int32 | int64] struct {
	role role
	data []T
	pin  runtime.Pinner
}

func (b *buffer[T]) tensor(batch []inference.Encoding, width int) (onnx.Value, error) {
	b.grow(len(batch) * width)
	for i, e := range batch {
		b.fill(b.data[i*width:(i+1)*width], e.IDs)
	}
	return onnx.NewTensor(onnx.NewShape(int64(len(batch)), int64(width)), b.data)
}

func (b *buffer[T]) grow(size int) {
	if size <= len(b.data) {
		return
	}
	b.pin.Unpin()
	b.data = make([]T, max(size, 2*len(b.data)))
	b.pin.Pin(&b.data[0])
}

// fill writes one row: ids, ones under them in the mask, zeros elsewhere. Zero is
// also the id of the padding, which the mask hides.
func (b *buffer[T]) fill(row []T, ids []int32) {
	switch b.role {
	case roleIDs:
		for i, id := range ids {
			row[i] = T(id)
		}
	case roleMask:
		for i := range ids {
			row[i] = 1
		}
	default:
		clear(row)
		return
	}
	clear(row[len(ids):])
}

func (b *buffer[T]) release() {
	b.pin.Unpin()
	b.data = nil
}

// widthStep rounds the length of a padded batch up: each new shape costs a card
// memory that its arena never gives back, so there are to be few.
const widthStep = 16

// width is the padded length of batch: exact on the CPU, where a batch is one
// window.
func (s *Session) width(batch []inference.Encoding) int {
	longest := 0
	for _, e := range batch {
		longest = max(longest, e.Len())
	}
	if !s.padded {
		return longest
	}
	return min((longest+widthStep-1)/widthStep*widthStep, s.graph.MaxLength)
}
