package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
)

func TestWindowsInFlightRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, c := newGate(), newCache()
		run := c.Around(g.run)
		first := call(t.Context(), run, windows(1, 2))
		synctest.Wait()
		same := call(t.Context(), run, windows(1, 2))
		more := call(t.Context(), run, windows(2, 3, 1))
		synctest.Wait()
		g.wantAsked(t, 2, 1)
		g.open <- nil
		g.open <- nil
		checkRows(t, windows(1, 2), <-first)
		checkRows(t, windows(1, 2), <-same)
		checkRows(t, windows(2, 3, 1), <-more)
		if s := c.Stats(); s.Misses != 3 || s.Joined != 4 {
			t.Errorf("stats %+v", s)
		}
	})
}

// TestWhoLeavesDoesNotStopTheOthers: neither who began the flight nor who joined it.
func TestWhoLeavesDoesNotStopTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		run := newCache().Around(g.run)
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		first := call(brief, run, windows(1))
		synctest.Wait()
		second := call(brief, run, windows(1))
		third := call(t.Context(), run, windows(1))
		time.Sleep(time.Second)
		for _, left := range []<-chan reply{first, second} {
			if r := <-left; !errors.Is(r.err, context.DeadlineExceeded) || len(r.rows) != 1 || r.rows[0] != nil {
				t.Errorf("after the deadline: %+v", r)
			}
		}
		g.open <- nil
		checkRows(t, windows(1), <-third)
		g.wantAsked(t, 1)
	})
}

func TestTheLastWhoLeavesStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		run := newCache().Around(g.run)
		soon, cancelSoon := context.WithTimeout(t.Context(), time.Second)
		defer cancelSoon()
		later, cancelLater := context.WithTimeout(t.Context(), time.Minute)
		defer cancelLater()
		first := call(soon, run, windows(1))
		synctest.Wait()
		second := call(later, run, windows(1))
		<-first
		if err := g.asks[0].ctx.Err(); err != nil {
			t.Fatalf("the run ended (%v) while somebody waited", err)
		}
		if r := <-second; !errors.Is(r.err, context.DeadlineExceeded) {
			t.Errorf("error %v", r.err)
		}
		if g.asks[0].ctx.Err() == nil {
			t.Error("the run goes on though nobody waits")
		}
		third := call(t.Context(), run, windows(1)) // and does not join what was stopped
		synctest.Wait()
		g.open <- nil
		checkRows(t, windows(1), <-third)
		g.wantAsked(t, 1, 1)
	})
}

// TestFailureIsTheLeadersAlone: an overload, a fault of a device or a deadline that
// the batcher refuses meets the call that began; the others run what they need.
func TestFailureIsTheLeadersAlone(t *testing.T) {
	for name, failure := range map[string]error{"lost": errLost, "its deadline": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, c := newGate(), newCache()
				run := c.Around(g.run)
				first := call(t.Context(), run, windows(1, 2))
				synctest.Wait()
				second := call(t.Context(), run, windows(1, 2))
				synctest.Wait()
				g.open <- failure
				if r := <-first; !errors.Is(r.err, failure) || r.rows[0] == nil || r.rows[1] != nil {
					t.Errorf("%+v, want the first row and %v", r, failure)
				}
				g.open <- nil
				checkRows(t, windows(1, 2), <-second)
				g.wantAsked(t, 2, 1) // what had finished before the failure counts
			})
		})
	}
}

// TestOwnFailureDoesNotWait: a refusal is passed on at once, whatever else is joined.
func TestOwnFailureDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, c := newGate(), newCache()
		first := call(t.Context(), c.Around(slow.run), windows(1))
		synctest.Wait()
		refuse := c.Around(func(context.Context, []inference.Encoding) ([][]float32, error) { return nil, errLost })
		if r := <-call(t.Context(), refuse, windows(1, 2)); !errors.Is(r.err, errLost) {
			t.Errorf("error %v", r.err)
		}
		slow.open <- nil
		checkRows(t, windows(1), <-first)
	})
}

func TestRunsCarryTheCallersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		run := newCache().Around(g.run)
		ctx, cancel := context.WithTimeout(in(t.Context(), "alice"), time.Minute)
		defer cancel()
		done := call(ctx, run, windows(1))
		synctest.Wait()
		got := g.asks[0].ctx
		want, _ := ctx.Deadline()
		if at, ok := got.Deadline(); !ok || !at.Equal(want) || flowOf(got) != "alice" {
			t.Errorf("deadline %v %v, want %v; flow %v", at, ok, want, flowOf(got))
		}
		g.open <- nil
		<-done
		if got.Err() == nil {
			t.Error("the context of a run that has ended was not released")
		}
	})
}

// TestNobodyWaitsLongerThanAlone: calls join no flight of another flow, whose turn may
// be far, and none that is longer than they are. What they begin others may join.
func TestNobodyWaitsLongerThanAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		run := newCache().Around(g.run)
		alice, bob := in(t.Context(), "alice"), in(t.Context(), "bob")
		giant := call(alice, run, windows(1, 2, 3, 4, 5))
		synctest.Wait()
		short := call(alice, run, windows(1))
		synctest.Wait()
		again := call(alice, run, windows(1))
		other := call(bob, run, windows(1))
		synctest.Wait()
		g.wantAsked(t, 5, 1, 1)
		for range 3 {
			g.open <- nil
		}
		checkRows(t, windows(1, 2, 3, 4, 5), <-giant)
		for _, r := range []<-chan reply{short, again, other} {
			checkRows(t, windows(1), <-r)
		}
	})
}

// TestForgetReachesRunsUnderWay: what a device gave that was found wrong since is
// neither remembered nor joined.
func TestForgetReachesRunsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, c := newGate(), newCache()
		run := c.Around(g.run)
		before := call(t.Context(), run, windows(1))
		synctest.Wait()
		c.Forget()
		after := call(t.Context(), run, windows(1))
		synctest.Wait()
		g.wantAsked(t, 1, 1)
		g.open <- nil
		g.open <- nil
		checkRows(t, windows(1), <-before)
		checkRows(t, windows(1), <-after)
		c.Forget()
		last := call(t.Context(), run, windows(1))
		synctest.Wait()
		g.wantAsked(t, 1, 1, 1)
		g.open <- nil
		checkRows(t, windows(1), <-last)
	})
}

func TestAPanicIsAnErrorOfItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache()
		hit := make(chan struct{})
		first := call(t.Context(), c.Around(func(context.Context, []inference.Encoding) ([][]float32, error) {
			<-hit
			panic("a text")
		}), windows(1))
		synctest.Wait()
		g := newGate()
		second := call(t.Context(), c.Around(g.run), windows(1))
		synctest.Wait()
		close(hit)
		if r := <-first; r.err == nil {
			t.Errorf("%+v after a panic", r)
		}
		g.open <- nil
		checkRows(t, windows(1), <-second)
	})
}
