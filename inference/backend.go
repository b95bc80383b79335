package inference

import "context"

// Backend runs a model on one device.
//
// Run takes windows of any lengths and returns one row of logits per window, in
// order, each as long as the model has labels. How rows are laid out in a
// tensor (padded, packed, one by one) is the backend's own business. Run is
// safe for concurrent use. It returns early when ctx ends, with ctx's error.
// Bad ids or windows longer than the model allows are an error of the whole
// call, never a crash. After Close, Run returns an error.
type Backend interface {
	Run(ctx context.Context, batch []Encoding) ([][]float32, error)
	Close() error
}

// Runner runs the windows of one text: a batcher's DoAll, or a cache around it.
//
// On error the result may be partial: a nil row is a window that was not
// scored. A nil error means that every row is there. Rows may be shared with other
// calls: they MUST NOT be changed.
type Runner func(ctx context.Context, windows []Encoding) ([][]float32, error)
