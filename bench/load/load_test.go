package load

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A service that stands still for a second is late for everyone who was due in it, also
// for those whom a closed loop would not have sent.
func TestAnOpenLoopChargesAStallToAllWhoWereDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		stalls := func(context.Context, string) Outcome {
			if at := time.Since(began); at >= time.Second && at < 2*time.Second {
				time.Sleep(2*time.Second - at)
			}
			return Judged
		}
		tally := Open{Call: stalls, Texts: []string{""}, Rate: 100}.Run(t.Context(), 10*time.Second)
		if tally.Sent() != 1000 {
			t.Fatalf("%d sent, want 1000", tally.Sent())
		}
		if got := tally.Latency(95); got < 480*time.Millisecond || got > 520*time.Millisecond {
			t.Errorf("95th percentile %v, want half a second: a tenth waited, a second at the most", got)
		}
		if got := tally.Latency(89); got > time.Millisecond {
			t.Errorf("89th percentile %v, want nothing: nine tenths did not wait", got)
		}
	})
}

func TestAClosedLoopKeepsSoManyUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(context.Context, string) Outcome { time.Sleep(10 * time.Millisecond); return Judged }
		tally := Closed{Call: slow, Texts: []string{"a", "b"}, Calls: 4}.Run(t.Context(), time.Second)
		if got := tally.Rate(); got < 399 || got > 401 {
			t.Errorf("%g a second, want 400", got)
		}
	})
}

func TestADeadlineCountsFromWhenATextWasDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := func(ctx context.Context, _ string) Outcome { <-ctx.Done(); return Late }
		tally := Open{Call: waits, Texts: []string{""}, Rate: 10, Deadline: 300 * time.Millisecond}.Run(t.Context(), time.Second)
		for _, s := range tally.Samples {
			if s.Took != 300*time.Millisecond || s.Outcome != Late {
				t.Errorf("due %v: %v after %v", s.Due, s.Outcome, s.Took)
			}
		}
	})
}

func TestOnlyVerdictsCount(t *testing.T) {
	outcome := Failed
	call := func(context.Context, string) Outcome { outcome = (outcome + 1) % outcomes; return outcome }
	tally := Closed{Call: call, Texts: []string{""}, Calls: 1}.Run(t.Context(), 10*time.Millisecond)
	if judged := tally.Count[Judged]; judged == 0 || judged > tally.Sent()/int(outcomes)+1 || tally.latency.TotalCount() != int64(judged) {
		t.Errorf("%d judged of %d, %d latencies", judged, tally.Sent(), tally.latency.TotalCount())
	}
}
