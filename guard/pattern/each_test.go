package pattern

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
)

// TestEach calls all, tells of the first error in order, and lets no panic be lost.
func TestEach(t *testing.T) {
	t.Parallel()
	var called atomic.Int64
	err := each(1000, func(i int) error {
		called.Add(1)
		if i%300 == 299 {
			return fmt.Errorf("number %d", i)
		}
		return nil
	})
	if called.Load() != 1000 || err == nil || err.Error() != "number 299" {
		t.Errorf("%d calls, %v", called.Load(), err)
	}
	if err := each(0, func(int) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
	defer func() {
		if p := recover(); p != "it broke" {
			t.Errorf("recovered %v", p)
		}
	}()
	err = each(10, func(int) error { panic("it broke") })
	t.Errorf("came back with %v", err)
}
