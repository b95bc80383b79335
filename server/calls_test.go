package server

import (
	"log/slog"
	"testing"

	"google.golang.org/grpc/tap"

	"github.com/portcullis-ai/portcullis/internal/memory"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// fill takes as many places as there are.
func (c *calls) fill(known bool) (taken []*chair) {
	for p := c.enter(known); p != nil; p = c.enter(known) {
		taken = append(taken, p)
	}
	return taken
}

// However many places strangers take, who is known finds as many.
func TestStrangersHaveHalfOfTheCalls(t *testing.T) {
	for limit, most := range map[int64]int{8: 4, 9: 5, 1: 1} {
		c := calls{limit: limit}
		strangers := c.fill(false)
		if len(strangers) != most {
			t.Errorf("strangers took %d of %d", len(strangers), limit)
		}
		taken := append(strangers, c.fill(true)...)
		if len(taken) != int(limit) || c.enter(false) != nil || c.open() != limit {
			t.Errorf("%d of %d taken, %d counted", len(taken), limit, c.open())
		}
		if taken[0].leave(); c.enter(true) == nil {
			t.Error("a place that was given back is none")
		}
	}
	if c := (calls{}); c.enter(false) == nil || c.enter(true) == nil {
		t.Error("no limit is one")
	}
}

// Those who are known take nothing from the half of the strangers, among whom is whoever
// connects: a busy service takes in new connections as long as there is a place at all.
func TestTheKnownLeaveTheStrangersTheirHalf(t *testing.T) {
	c := calls{limit: 8}
	for range 6 {
		c.enter(true)
	}
	if n := len(c.fill(false)); n != 2 {
		t.Errorf("strangers find %d of the last 2 places", n)
	}
}

// A stranger who turns out to be known no longer counts as one, and a call that has ended
// counts as nothing, however often it is said.
func TestWhoIsKnownIsNoStranger(t *testing.T) {
	c := calls{limit: 8}
	for _, p := range c.fill(false) {
		p.know()
		p.know()
	}
	rest := c.fill(false)
	if len(rest) != 4 || c.strangers.Load() != 4 {
		t.Errorf("%d more, %d strangers", len(rest), c.strangers.Load())
	}
	p := rest[0]
	p.again() // its handler ran after all
	p.know()
	p.leave() // of its context, late
	p.leave()
	if c.open() != 7 || c.strangers.Load() != 3 || c.known.Load() != 4 {
		t.Errorf("%d open, %d strangers", c.open(), c.strangers.Load())
	}
}

// A call that was given up and whose handler runs all the same counts over the limit; of a
// stranger it takes nothing from those who are known.
func TestStrangersWhoComeAgainTakeNothingFromTheKnown(t *testing.T) {
	c := calls{limit: 8}
	c.fill(false)
	for range 10 {
		(&chair{calls: &c, stranger: true}).again()
	}
	if n := len(c.fill(true)); n != 4 {
		t.Errorf("the known find %d places of 8, strangers have %d", n, c.strangers.Load())
	}
}

// The tap refuses nobody itself: gRPC would leave the call's context behind, with a timer
// as long as its deadline, which strangers choose.
func TestTheTapLeavesARefusalToTheHandler(t *testing.T) {
	s := &Server{options: options{metrics: metrics.New(), log: slog.New(slog.DiscardHandler)}, memory: memory.NewGauge(0)}
	s.calls.limit = 1
	for i, refused := range []bool{false, true} {
		ctx, err := s.tap(t.Context(), &tap.Info{FullMethodName: "/a/b"})
		if l := leaseOf(ctx); err != nil || l == nil || (l.refused != nil) != refused {
			t.Errorf("call %d: %v, %+v", i, err, l)
		}
	}
}
