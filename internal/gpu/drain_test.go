package gpu

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// busy is a service under load that does not end by itself.
type busy struct {
	service  *Service
	answered atomic.Int64
	outcome  chan Outcome
}

// warm is how many texts a service has answered before it is interrupted, and depth
// how many are then in flight on each stream: several batches of a card. No card
// answers plenty of texts before the signal comes.
const warm, streams, depth, plenty = 100, 4, 64, 1_000_000

func startBusy(t *testing.T) *busy {
	t.Helper()
	b := &busy{service: service(t, models()[0]), outcome: make(chan Outcome, 1)}
	s, draw := subject(t, models()[0]), NewDraw(17)
	some := make([]string, 1000)
	for i := range some {
		some[i] = draw.Text(s.Words, draw.Length(3, 48))
	}
	texts := slices.Repeat(some, plenty/len(some))
	load := Load{Conn: b.service.Conn, Streams: streams, Window: depth, Answered: &b.answered}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	go func() { b.outcome <- load.Run(ctx, texts) }()
	for b.answered.Load() < warm && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	return b
}

// interrupt sends a signal and returns what became of the texts once the process has
// ended, and how many had been answered before.
func (b *busy) interrupt(t *testing.T, signal os.Signal) (out Outcome, before int) {
	t.Helper()
	before = int(b.answered.Load())
	if err := b.service.Signal(signal); err != nil {
		t.Fatal(err)
	}
	out = <-b.outcome
	select {
	case <-b.service.Ended():
	case <-time.After(time.Minute):
		t.Fatal("the process did not end")
	}
	if before < warm || out.Sent == plenty {
		t.Fatalf("%d of %d texts were answered when the signal came: it proves nothing", before, out.Sent)
	}
	return out, before
}

// SIGTERM and Ctrl-C come while batches are on the device: texts that the service has
// read are answered, streams end with UNAVAILABLE, the process ends well. With CUDA's
// handlers in place of Go's it would die of "signal handler without SA_ONSTACK"
// (onnxruntime_go issue 140).
func TestSignalsDrain(t *testing.T) {
	for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "Ctrl-C": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			b := startBusy(t)
			out, before := b.interrupt(t, signal)
			t.Logf("%d answered before, %d after the signal, %d sent and not taken", before, len(out.Verdicts)-before, out.Unanswered())
			if code := b.service.ExitCode(); code != 0 || !strings.Contains(b.service.Log(), "stopped") {
				t.Errorf("the process ended with %d", code)
			}
			if len(out.Verdicts) <= before {
				t.Error("no text that was in flight was answered")
			}
			if len(out.Ended) != streams {
				t.Errorf("%d of %d streams ended with an error: %v", len(out.Ended), streams, out.Ended)
			}
			for _, err := range out.Ended {
				if status.Code(err) != codes.Unavailable {
					t.Errorf("a stream ended with %v", err)
				}
			}
		})
	}
}

// A killed process gives no verdict on what it had in flight, only an error, and leaves
// the card free for the next one.
func TestKill(t *testing.T) {
	free := inUse(t)
	b := startBusy(t)
	out, before := b.interrupt(t, os.Kill)
	t.Logf("%d answered before, %d after, %d without an outcome", before, len(out.Verdicts)-before, out.Unanswered())
	if len(out.Ended) != streams || out.Unanswered() == 0 {
		t.Errorf("%d texts have no outcome; streams ended with %v", out.Unanswered(), out.Ended)
	}
	for _, err := range out.Ended {
		if code := status.Code(err); code != codes.Unavailable {
			t.Errorf("a stream ended with %v", err)
		}
	}
	expectFreed(t, free)
	next, s := service(t, models()[0]), subject(t, models()[0])
	again := Load{Conn: next.Conn, Streams: 1, Window: 1}.Run(t.Context(), []string{NewDraw(1).Text(s.Words, 8)})
	if len(again.Verdicts) != 1 {
		t.Errorf("the next process did not answer: %+v", again)
	}
}

// expectFreed waits for the driver to take back what a process had on the card.
func expectFreed(t *testing.T, before map[string]int64) {
	t.Helper()
	if !onCard() {
		return
	}
	const card, grain = "the first card", 64 << 20
	end := time.Now().Add(30 * time.Second)
	for inUse(t)[card] > before[card]+grain {
		if time.Now().After(end) {
			t.Errorf("%s: %d MiB in use before, %d MiB after the process was killed", card, before[card]>>20, inUse(t)[card]>>20)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
