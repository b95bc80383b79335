package pattern

import (
	"sync"
	"testing"
)

// Shared is the check of the rules that come with Portcullis, compiled and proved once
// for all tests.
func Shared(tb testing.TB) *Check {
	tb.Helper()
	c, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

var shared = sync.OnceValues(func() (*Check, error) {
	rules, err := Builtin()
	if err != nil {
		return nil, err
	}
	return New(rules)
})

// Sparsely is 1, or n under the race detector, which makes texts ten times dearer and
// wants to see each way once: then of a long series every n-th is enough.
func Sparsely(n int) int {
	if raced {
		return n
	}
	return 1
}
