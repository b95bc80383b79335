package batching

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorder keeps the batches of an executor.
type recorder struct {
	mu      sync.Mutex
	batches []BatchStats
}

func (r *recorder) option() Option {
	return WithObserver(Observer{BatchDone: func(s BatchStats) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.batches = append(r.batches, s)
	}})
}

// sizes returns how many items each batch had.
func (r *recorder) sizes() (n []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.batches {
		n = append(n, s.Items)
	}
	return n
}

// TestGathers: a lone call does not wait, and what comes meanwhile is one batch.
func TestGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		b := newBatcher(t, []Option{rec.option()}, executor(after(time.Second)))
		first := submit(context.Background(), b, row{0, 40})
		var others []<-chan reply
		for i := range 5 {
			time.Sleep(100 * time.Millisecond)
			others = append(others, submit(context.Background(), b, rows(2*i, 2, 40)...))
		}
		if r := <-first; r.at != time.Second {
			t.Errorf("a lone call took %v", r.at)
		}
		for i, c := range others {
			if r, want := <-c, 2*time.Second-time.Duration(i+1)*100*time.Millisecond; r.at != want {
				t.Errorf("call %d took %v, want %v", i, r.at, want)
			}
		}
		shutdown(t, b)
		if got := rec.sizes(); !slices.Equal(got, []int{1, 10}) {
			t.Errorf("batches of %v", got)
		}
		if w := rec.batches[1].Waited; w != 900*time.Millisecond || rec.batches[1].Calls != 5 {
			t.Errorf("%+v", rec.batches[1])
		}
	})
}

// TestFairness: a single item behind hundreds of another call waits for the
// batch that runs and for one turn of that call, not for all of it.
func TestFairness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor(after(time.Second))
		e.MaxItems = 1
		b := newBatcher(t, nil, e)
		large := submit(context.Background(), b, rows(0, 300, 100)...)
		time.Sleep(10500 * time.Millisecond)
		if r := <-submit(context.Background(), b, row{1000, 40}); r.at > 2500*time.Millisecond {
			t.Errorf("the single item took %v", r.at)
		}
		if r := <-large; r.at != 301*time.Second {
			t.Errorf("the large call took %v", r.at)
		}
		shutdown(t, b)
	})
}

// TestFlows: one principal's many calls go before another's one for a share at most.
func TestFlows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor(after(time.Second))
		e.MaxItems = 1
		b := newBatcher(t, nil, e)
		flood := WithFlow(context.Background(), Flow{Key: "flood"})
		for i := range 100 {
			submit(flood, b, row{i, 40})
		}
		quiet := WithFlow(context.Background(), Flow{Key: "quiet"})
		most := time.Duration(b.queue.share/40+3) * time.Second
		if r := <-submit(quiet, b, row{1000, 40}); r.at > most {
			t.Errorf("the quiet principal waited %v", r.at)
		}
		shutdown(t, b)
	})
}

// TestFirstExecutorFirst: a lone call goes to the executor named first, and a
// second finds the other one idle.
func TestFirstExecutorFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gpu, cpu := executor(after(time.Second)), executor(after(3*time.Second))
		gpu.Name, cpu.Name = "gpu", "cpu"
		b := newBatcher(t, nil, gpu, cpu)
		synctest.Wait() // until both are idle, so that the first is first
		for range 3 {
			if r := <-submit(context.Background(), b, row{1, 40}); r.at != time.Second {
				t.Errorf("a lone call took %v", r.at)
			}
			synctest.Wait() // until its slot is idle again
		}
		first := submit(context.Background(), b, row{1, 40})
		second := submit(context.Background(), b, row{2, 40})
		if r := <-first; r.at != time.Second {
			t.Errorf("on the gpu: %v", r.at)
		}
		if r := <-second; r.at != 3*time.Second {
			t.Errorf("on the cpu: %v", r.at)
		}
		shutdown(t, b)
	})
}

// TestWorkConservation looks, at many moments of a random load, for an item that
// waits while a slot is idle.
func TestWorkConservation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		slow, quick := executor(after(30*time.Millisecond)), executor(after(3*time.Millisecond))
		slow.Name, slow.InFlight, slow.MaxItems = "slow", 3, 2
		quick.Name, quick.InFlight, quick.MaxCost, quick.Cost = "quick", 2, 512, Padded(0)
		b := newBatcher(t, nil, slow, quick)
		var calls []<-chan reply
		for i := range 1000 {
			calls = append(calls, submit(context.Background(), b, rows(10*i, 1+rng.IntN(6), 1+rng.IntN(300))...))
			time.Sleep(time.Duration(rng.IntN(10)) * time.Millisecond)
			synctest.Wait()
			s := b.Stats()
			if s.QueuedItems > 0 && (s.Executors[0].Busy < 3 || s.Executors[1].Busy < 2) {
				t.Fatalf("call %d: something waits while a slot is idle: %+v", i, s)
			}
		}
		for i, c := range calls {
			if r := <-c; r.err != nil && !errors.Is(r.err, ErrOverloaded) {
				t.Errorf("call %d: %v", i, r.err)
			}
		}
		shutdown(t, b)
	})
}

// TestWakePassedOn: a slot that is woken just as its executor becomes a suspect
// wakes one of another executor in its place.
func TestWakePassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := executor(run), executor(run)
		second.Name = "y"
		b := newBatcher(t, nil, first, second)
		synctest.Wait()
		c := newCall[row, int](t.Context(), []row{{1, 40}}, sizeOf)
		b.mu.Lock()
		b.queue.add(&c.ticket, Flow{Weight: 1})
		b.open++
		b.wake()
		b.workers[0].state = suspect
		b.mu.Unlock()
		<-c.done
		shutdown(t, b)
	})
}
