package reload_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/portcullis-ai/portcullis/internal/reload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func idle(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestWhatWasBorrowedOutlivesASwap(t *testing.T) {
	r := reload.NewRoom("old")
	got, release := r.Acquire()
	_, second := r.Acquire()
	old, gone := r.Swap("new")
	if got != "old" || old != "old" {
		t.Errorf("borrowed %q, swapped out %q", got, old)
	}
	if next, give := r.Acquire(); next != "new" {
		t.Errorf("after the swap: %q", next)
	} else {
		give()
	}
	release()
	if idle(gone) {
		t.Error("idle while it is borrowed")
	}
	second()
	if !idle(gone) {
		t.Error("given back and not idle")
	}
}

func TestWhatNobodyBorrowedIsIdleAtOnce(t *testing.T) {
	r := reload.NewRoom(1)
	if _, gone := r.Swap(2); !idle(gone) {
		t.Error("not idle")
	}
}

// TestNobodyHoldsWhatIsIdle swaps under borrowers: what is idle has no borrower,
// then or later, and each lends the newest there is.
func TestNobodyHoldsWhatIsIdle(t *testing.T) {
	type thing struct {
		users  atomic.Int32
		closed atomic.Bool
	}
	r := reload.NewRoom(&thing{})
	stop := make(chan struct{})
	var borrowers sync.WaitGroup
	for range 8 {
		borrowers.Go(func() {
			for !idle(stop) {
				v, release := r.Acquire()
				v.users.Add(1)
				if v.closed.Load() {
					t.Error("lent after it was closed")
				}
				v.users.Add(-1)
				release()
				runtime.Gosched()
			}
		})
	}
	for range 100 {
		old, gone := r.Swap(&thing{})
		<-gone
		if n := old.users.Load(); n != 0 {
			t.Errorf("idle with %d users", n)
		}
		old.closed.Store(true)
	}
	close(stop)
	borrowers.Wait()
}

func BenchmarkAcquire(b *testing.B) {
	r := reload.NewRoom(1)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, release := r.Acquire()
			release()
		}
	})
}
