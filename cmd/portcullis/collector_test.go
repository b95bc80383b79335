package main

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestTheCollectorIsAskedForLess only where memory is bounded and nobody has said
// otherwise.
func TestTheCollectorIsAskedForLess(t *testing.T) {
	before := debug.SetGCPercent(70)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	for name, c := range map[string]struct {
		gogc  string
		limit int64
		want  int
	}{
		"bounded":          {"", 1 << 30, heapGrowth},
		"not bounded":      {"", 0, 70},
		"as the user says": {"50", 1 << 30, 70},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", c.gogc)
			if c.gogc == "" {
				if err := os.Unsetenv("GOGC"); err != nil { // Setenv brings it back
					t.Fatal(err)
				}
			}
			collectLess(c.limit)
			if got := debug.SetGCPercent(70); got != c.want {
				t.Errorf("%d %%, want %d", got, c.want)
			}
		})
	}
}
