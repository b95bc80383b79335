package batching

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pair is an executor for what comes alone, which takes a second, and one of two slots
// for the rest, which takes two.
func pair() []Executor[row, int] {
	lone, rest := executor(after(time.Second)), executor(after(2*time.Second))
	lone.Name, lone.Alone, lone.MaxItems = "lone", true, 1
	rest.Name, rest.InFlight, rest.MaxItems = "rest", 2, 1
	return []Executor[row, int]{lone, rest}
}

// ran returns which executors ran, in the order in which they were done.
func (r *recorder) ran() (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.batches {
		names = append(names, s.Executor)
	}
	return names
}

// TestAlone: a lone item is its executor's; one that comes beside another, or with
// others, is not, and nothing waits for it while another slot is free.
func TestAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		b := newBatcher(t, []Option{rec.option()}, pair()...)
		synctest.Wait() // until all are idle
		for range 3 {
			if r := <-submit(t.Context(), b, row{1, 40}); r.at != time.Second {
				t.Errorf("a lone item took %v", r.at)
			}
			synctest.Wait()
		}
		lone := submit(t.Context(), b, row{2, 40})
		beside := submit(t.Context(), b, row{3, 40})
		if r := <-beside; r.at != 2*time.Second {
			t.Errorf("one beside another took %v", r.at)
		}
		<-lone
		synctest.Wait()
		if r := <-submit(t.Context(), b, rows(4, 4, 40)...); r.at != 4*time.Second {
			t.Errorf("four items took %v", r.at)
		}
		shutdown(t, b)
		want := []string{"lone", "lone", "lone", "lone", "rest", "rest", "rest", "rest", "rest"}
		if got := rec.ran(); !slices.Equal(got, want) {
			t.Errorf("ran on %v, want %v", got, want)
		}
	})
}

// TestAloneStandsIn: while the others are retired, it takes whatever waits.
func TestAloneStandsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		execs := pair()
		execs[1].Run = func(context.Context, []row) ([]int, error) { return nil, errDevice }
		execs[1].Healthy = func(context.Context) error { return errDevice }
		b := newBatcher(t, nil, execs...)
		synctest.Wait()
		if r := <-submit(t.Context(), b, rows(1, 2, 40)...); !errors.Is(r.err, errDevice) {
			t.Errorf("on the device that is lost: %+v", r)
		}
		time.Sleep(time.Second)
		if r := <-submit(t.Context(), b, rows(1, 3, 40)...); r.err != nil || r.at != 3*time.Second {
			t.Errorf("on what is left: %+v", r)
		}
		shutdown(t, b)
	})
}

func TestNotAllAlone(t *testing.T) {
	_, err := New(DefaultConfig(), sizeOf, pair()[:1])
	if err == nil || !strings.Contains(err.Error(), "every executor") {
		t.Errorf("%v", err)
	}
}
