// Package inferencetest has a fake backend for tests of what is built on
// inference, and the suite of promises that every real backend passes.
package inferencetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/portcullis-ai/portcullis/inference"
)

// ErrClosed is what a Fake returns after Close.
var ErrClosed = errors.New("inferencetest: closed")

// The logits of a Fake lie between Low and Low+1, a sigmoid of less than a
// thousandth, and at High where a window holds the mark.
const (
	Low  = -8
	High = 8
)

// Fake is a backend without a model. Its logits depend on nothing but the ids
// of a window. It is safe for concurrent use, as is telling it how to behave.
type Fake struct {
	config FakeConfig
	runs   atomic.Int64
	rows   atomic.Int64

	mu     sync.Mutex
	behave func(context.Context) error // nil: as a backend should
	closed bool
}

var _ inference.Backend = (*Fake)(nil)

// FakeConfig describes the model that a Fake stands for.
type FakeConfig struct {
	// Labels is the length of a row, at least 1.
	Labels int
	// Mark is a sequence of ids; a window that holds it scores High on MarkLabel.
	// It proves that a text reaches the model whole, wherever the mark stands.
	Mark      []int32
	MarkLabel int
	// Vocabulary and MaxLength bound ids and windows; 0 is no bound.
	Vocabulary, MaxLength int
}

// NewFake returns a fake that behaves.
func NewFake(c FakeConfig) *Fake { return &Fake{config: c} }

// FailWith makes Run return err from now on.
func (f *Fake) FailWith(err error) { f.set(func(context.Context) error { return err }) }

// PanicWith makes Run panic with v from now on.
func (f *Fake) PanicWith(v any) { f.set(func(context.Context) error { panic(v) }) }

// Hang makes Run wait for its context to end from now on.
func (f *Fake) Hang() {
	f.set(func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
}

// Heal makes Run work again.
func (f *Fake) Heal() { f.set(nil) }

func (f *Fake) set(behave func(context.Context) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.behave = behave
}

// Runs returns how often Run was called, and Rows how many windows it scored.
func (f *Fake) Runs() int64 { return f.runs.Load() }

// Rows returns how many windows were scored.
func (f *Fake) Rows() int64 { return f.rows.Load() }

// Run implements inference.Backend.
func (f *Fake) Run(ctx context.Context, batch []inference.Encoding) ([][]float32, error) {
	f.runs.Add(1)
	f.mu.Lock()
	behave, closed := f.behave, f.closed
	f.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if behave != nil {
		if err := behave(ctx); err != nil {
			return nil, err
		}
	}
	rows := make([][]float32, len(batch))
	for i, e := range batch {
		if err := f.config.check(e); err != nil {
			return nil, fmt.Errorf("window %d: %w", i, err)
		}
		rows[i] = f.config.Row(e.IDs)
	}
	f.rows.Add(int64(len(rows)))
	return rows, nil
}

// Close makes Run return ErrClosed.
func (f *Fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return nil
}

func (c FakeConfig) check(e inference.Encoding) error {
	switch {
	case e.Len() == 0:
		return errors.New("no tokens")
	case c.MaxLength > 0 && e.Len() > c.MaxLength:
		return fmt.Errorf("%d tokens, want at most %d", e.Len(), c.MaxLength)
	case slices.Min(e.IDs) < 0 || c.Vocabulary > 0 && int(slices.Max(e.IDs)) >= c.Vocabulary:
		return errors.New("a token id that is not in the vocabulary")
	}
	return nil
}

// Row returns the logits that a Fake gives a window of these ids.
func (c FakeConfig) Row(ids []int32) []float32 {
	hash := uint32(2166136261) // FNV-1a
	for _, id := range ids {
		hash = (hash ^ uint32(id)) * 16777619
	}
	row := make([]float32, c.Labels)
	for l := range row {
		hash = (hash ^ uint32(l)) * 16777619
		row[l] = Low + float32(hash>>8)/(1<<24)
	}
	if c.holdsMark(ids) {
		row[c.MarkLabel] = High
	}
	return row
}

func (c FakeConfig) holdsMark(ids []int32) bool {
	n := len(c.Mark)
	for i := 0; n > 0 && i+n <= len(ids); i++ {
		if slices.Equal(ids[i:i+n], c.Mark) {
			return true
		}
	}
	return false
}
