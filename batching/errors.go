package batching

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

var (
	// ErrOverloaded means that nothing was admitted: the queue had no room, or was too
	// long for the call's deadline.
	// The error returned is an *OverloadedError.
	ErrOverloaded = errors.New("batching: overloaded")
	// ErrClosed means that Shutdown was called before the call was answered.
	ErrClosed = errors.New("batching: closed")
	// ErrNoExecutor means that every executor has failed its self-test.
	ErrNoExecutor = errors.New("batching: no executor is alive")
	// ErrTooLate means that a call was given up before its deadline, as the rest of it
	// could not be run in time. It is a context.DeadlineExceeded.
	ErrTooLate = fmt.Errorf("batching: too late: %w", context.DeadlineExceeded)
	// ErrResultCount means that a Run did not return one result per item.
	ErrResultCount = errors.New("wrong number of results")
	// ErrStillRunning is returned by Shutdown when a Run ignored the end of its
	// context. Whatever that Run uses must then not be freed.
	ErrStillRunning = errors.New("batching: still running after shutdown")
)

// OverloadedError is an ErrOverloaded that says when to come again.
type OverloadedError struct {
	// RetryAfter is about how long the executors need, at the speed measured lately,
	// for what is queued now, or for as much of it as a call of this deadline could
	// not wait for.
	RetryAfter time.Duration
}

func (e *OverloadedError) Error() string {
	return fmt.Sprintf("%v, retry after %v", ErrOverloaded, e.RetryAfter)
}

// Is makes errors.Is(err, ErrOverloaded) true.
func (e *OverloadedError) Is(target error) bool { return target == ErrOverloaded }

// PanicError is what a panic of an executor becomes. Its text never holds the
// panic's value, which may quote an item, unless the runtime itself made it.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	if err, ok := e.Value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic of type %T", e.Value)
}

// ended returns why ctx ended. Both ctx's error and a cause of its own can be
// found in it.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == err { //nolint:errorlint // is there a cause of its own? a wrapped err is one
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
