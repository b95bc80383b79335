package main

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/bench/load"
)

func at(due, took time.Duration, o load.Outcome) load.Sample {
	return load.Sample{Due: due, Took: took, Outcome: o}
}

func TestRecoveryIsTheEndOfTheLastUnusualTenth(t *testing.T) {
	const ms = time.Millisecond
	quick := []load.Sample{at(0, 5*ms, load.Judged), at(150*ms, 5*ms, load.Judged), at(350*ms, 5*ms, load.Judged)}
	for name, c := range map[string]struct {
		more load.Sample
		want time.Duration
	}{
		"nothing unusual":          {at(120*ms, 9*ms, load.Judged), 0},
		"a slow tenth":             {at(250*ms, 80*ms, load.Judged), 300 * ms},
		"one slow text of several": {at(160*ms, 80*ms, load.Judged), 0},
		"a refusal":                {at(155*ms, ms, load.Refused), 200 * ms},
	} {
		if got := recovery(&load.Tally{Samples: append(slices.Clip(quick), c.more)}, 10*ms); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestGoodputCountsVerdictsWhenTheyCome(t *testing.T) {
	long := at(600*time.Millisecond, time.Second, load.Judged)
	long.Text = 1
	tally := &load.Tally{Samples: []load.Sample{
		long,                                     // in time
		at(0, 500*time.Millisecond, load.Judged), // too early
		at(500*time.Millisecond, time.Second, load.Judged),     // in time
		at(time.Second, 900*time.Millisecond, load.Refused),    // no verdict
		at(1900*time.Millisecond, time.Second, load.Judged),    // too late
		at(1500*time.Millisecond, time.Millisecond, load.Late), // no verdict
	}}
	p := &proof{lengths: []int{40, 400}}
	if got := p.done(tally, time.Second, 2*time.Second); got != (work{texts: 2, tokens: 440}) {
		t.Errorf("%+v a second, want two texts and 440 tokens", got)
	}
}

func TestSeriesKeepTheirBoundAndNothingElse(t *testing.T) {
	for series, want := range map[string]string{
		`go_goroutines`:                       "go_goroutines",
		`a_total{model="x",executor="cpu"}`:   "a_total",
		`b_bucket{model="x",le="0.005"}`:      "b_bucket{0.005}",
		`b_bucket{le="+Inf",model="x",n="1"}`: "b_bucket{+Inf}",
	} {
		if got := seriesName(series); got != want {
			t.Errorf("%s: %s, want %s", series, got, want)
		}
	}
}

func TestFirstComePadsToTheLongest(t *testing.T) {
	if got := firstCome([]int{10, 20, 30, 30}, 2); math.Abs(got-100.0/90) > 1e-9 {
		t.Errorf("%g, want 100 of 90", got)
	}
}

func TestPartsAreChosenByName(t *testing.T) {
	if _, err := choose([]string{"cpu", "nothing"}); err == nil {
		t.Error("an unknown part is taken")
	}
	if all, err := choose(nil); err != nil || len(all) != len(parts) {
		t.Errorf("%d parts (%v)", len(all), err)
	}
}
