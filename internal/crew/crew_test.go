package crew_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/portcullis-ai/portcullis/internal/crew"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every job is done once, however many come at once and however few are kept.
func TestEveryJobIsDoneOnce(t *testing.T) {
	const callers, jobs = 8, 500
	var done [callers * jobs]atomic.Int32
	c := crew.New(3)
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			for i := range jobs {
				c.Run(func() { done[caller*jobs+i].Add(1) })
			}
		})
	}
	all.Wait()
	c.Close()
	for i := range done {
		if n := done[i].Load(); n != 1 {
			t.Fatalf("job %d was done %d times", i, n)
		}
	}
}

// A job that hangs holds up no other, and Close waits for it.
func TestAJobThatHangsHoldsUpNoOther(t *testing.T) {
	hang, others := make(chan struct{}), make(chan struct{}, 10)
	ended := false
	c := crew.New(1)
	c.Run(func() { <-hang; ended = true })
	for range cap(others) {
		c.Run(func() { others <- struct{}{} })
	}
	for range cap(others) {
		<-others
	}
	close(hang)
	c.Close()
	if !ended {
		t.Error("Close did not wait")
	}
}

// A goroutine is used again, the one that was idle last first.
func TestGoroutinesAreKept(t *testing.T) {
	c := crew.New(1)
	defer c.Close()
	done := make(chan struct{})
	tell := func() { done <- struct{}{} }
	if n := testing.AllocsPerRun(1000, func() { c.Run(tell); <-done }); n > 0 {
		t.Errorf("%g allocations, so nobody is kept", n)
	}
}
