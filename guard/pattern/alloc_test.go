//go:build !race

package pattern_test

import (
	"context"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// The race detector makes sync.Pool forget things, so this is not for it.
func TestInspectAllocatesNothingWithoutFindings(t *testing.T) {
	c := builtin(t)
	text, err := guard.Prepare("The quick brown fox jumps over the lazy dog, and then it ran off.")
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Inspect(context.Background(), text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
