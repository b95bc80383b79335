package server

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// Ids made side by side are UUIDv7s that differ, beyond what is random at a time; those of
// one caller come in order.
func TestIDsDifferAndAreInOrder(t *testing.T) {
	const callers, each = 4, 1000
	made := newIDs()
	all := make([][]string, callers)
	var callersDone sync.WaitGroup
	for i := range all {
		callersDone.Go(func() {
			for range each {
				all[i] = append(all[i], made.next())
			}
		})
	}
	callersDone.Wait()
	known := make(map[string]bool)
	for _, mine := range all {
		if !slices.IsSorted(mine) {
			t.Error("they are not in order")
		}
		for _, id := range mine {
			if u, err := uuid.Parse(id); err != nil || u.Version() != 7 || known[id] {
				t.Fatalf("%s: version %d, %v, known %v", id, u.Version(), err, known[id])
			}
			known[id] = true
		}
	}
}

func BenchmarkID(b *testing.B) {
	made := newIDs()
	for b.Loop() {
		made.next()
	}
}
