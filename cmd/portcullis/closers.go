package main

import (
	"context"
	"errors"
	"slices"
)

// closers holds what has been opened, to be closed in reverse. A step that
// fails while a service is built closes what the steps before it opened.
type closers []func(context.Context) error

func (c *closers) add(f func(context.Context) error) { *c = append(*c, f) }

// close closes everything, whatever fails on the way.
func (c closers) close(ctx context.Context) error {
	var errs []error
	for _, f := range slices.Backward(c) {
		errs = append(errs, f(ctx))
	}
	return errors.Join(errs...)
}
