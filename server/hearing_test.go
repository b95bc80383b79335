package server

import (
	"context"
	"errors"
	"testing"
	"time"
)

// When memory is tight those leave whose messages have been coming for the longest, and
// nobody else; who has left is not counted twice.
func TestASqueezePutsOutTheLongest(t *testing.T) {
	b := lobby{patience: time.Hour}
	var calls []context.Context
	var leave []func()
	for range 5 {
		ctx, cancel := context.WithCancelCause(t.Context())
		calls = append(calls, ctx)
		leave = append(leave, b.enter(&lease{cancel: cancel}))
	}
	b.squeeze(2)
	for i, ctx := range calls {
		if out := errors.Is(context.Cause(ctx), errNoMemory); out != (i < 3) {
			t.Errorf("call %d of 5 was put out: %v", i, out)
		}
	}
	for _, f := range leave {
		f()
	}
	if b.inside.Len() != 0 {
		t.Errorf("%d are still inside", b.inside.Len())
	}
}
