package server

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// When memory is tight those leave first whose caller has the most messages that are still
// coming, the oldest of them first; the others only if there are more callers than places.
// Who has left is not counted twice.
func TestASqueezePutsOutTheGreedy(t *testing.T) {
	for _, c := range []struct {
		callers, out string // a letter each; who is put out is an x
		most         int
	}{
		{"aaaaa", "xxxaa", 2},
		{"habaaahaa", "hxbxxxhaa", 5},
		{"aabbaabb", "xxxxaabb", 4},
		{"abcdef", "xxxdef", 3},
		{"aaabcaaa", "xxxxxxxa", 1},
		{"aaab", "aaab", 4},
	} {
		b := lobby{patience: time.Hour}
		var readers []*reader
		for _, name := range c.callers {
			readers = append(readers, b.enter(string(name)))
		}
		b.squeeze(c.most)
		var got strings.Builder
		for _, r := range readers {
			select {
			case why := <-r.ended:
				if !errors.Is(why, errNoMemory) {
					t.Error(why)
				}
				got.WriteString("x")
			default:
				got.WriteString(r.caller)
			}
		}
		if got.String() != c.out {
			t.Errorf("%s to %d: %s, want %s", c.callers, c.most, got.String(), c.out)
		}
		for _, r := range readers {
			b.leave(r)
		}
		if b.inside.Len() != 0 {
			t.Errorf("%d are still inside", b.inside.Len())
		}
	}
}

// A full lobby puts out who came first.
func TestAFullLobby(t *testing.T) {
	b := lobby{room: 2, patience: time.Hour}
	first, second := b.enter("a"), b.enter("b")
	third := b.enter("a")
	if why := <-first.ended; !errors.Is(why, errSlowMessage) {
		t.Error(why)
	}
	if len(second.ended)+len(third.ended) != 0 || b.inside.Len() != 2 {
		t.Error("another one was put out")
	}
}

// Each is put out when its own time is over, and nobody before; one timer does for all, and
// none is left when nobody is inside.
func TestWhoIsLateIsPutOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := lobby{patience: 10 * time.Second}
		began := time.Now()
		for _, wait := range []time.Duration{0, 3 * time.Second, 20 * time.Second} {
			time.Sleep(wait)
			slow, quick := b.enter("a"), b.enter("b")
			time.Sleep(9 * time.Second)
			b.leave(quick)
			if why := <-slow.ended; !errors.Is(why, errSlowMessage) || time.Since(slow.since) != b.patience {
				t.Errorf("put out after %s: %v", time.Since(slow.since), why)
			}
			b.leave(slow)
			if len(quick.ended) != 0 || b.inside.Len() != 0 || b.watched {
				t.Error("it is not over when all have left")
			}
		}
		first := b.enter("a")
		time.Sleep(4 * time.Second)
		second := b.enter("a")
		for _, r := range []*reader{first, second} {
			if <-r.ended; time.Since(r.since) != b.patience {
				t.Errorf("put out after %s", time.Since(r.since))
			}
		}
		if took := time.Since(began); took != 67*time.Second {
			t.Errorf("%s", took)
		}
	})
}
