package server

import "testing"

// However many places strangers take, who is known finds as many.
func TestStrangersHaveHalfOfTheCalls(t *testing.T) {
	for limit, most := range map[int64]int{8: 4, 9: 5, 1: 1} {
		c := calls{limit: limit}
		taken := 0
		for c.enter(false) {
			taken++
		}
		if taken != most {
			t.Errorf("strangers took %d of %d", taken, limit)
		}
		for c.enter(true) {
			taken++
		}
		if taken != int(limit) || c.enter(false) || c.open.Load() != limit {
			t.Errorf("%d of %d taken, %d counted", taken, limit, c.open.Load())
		}
		if c.leave(); !c.enter(true) {
			t.Error("a place that was given back is none")
		}
	}
	if c := (calls{}); !c.enter(false) || !c.enter(true) {
		t.Error("no limit is one")
	}
}
