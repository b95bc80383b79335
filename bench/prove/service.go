package main

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/portcullis-ai/portcullis/bench/load"
	"github.com/portcullis-ai/portcullis/internal/gpu"
	"github.com/portcullis-ai/portcullis/internal/process"
)

// service is a portcullis that is measured, on processors of its own.
type service struct {
	*gpu.Service
	check string
	cores int
}

// serve starts a binary on cores, without a cache: every text is to reach the model. A text
// without a deadline has a minute, so that a slow machine refuses nothing that was not to be
// too much. All other settings are its own.
func (p *proof) serve(ctx context.Context, cores, binary string, args ...string) (*service, error) {
	all := append([]string{"--provider", "cpu", "--set", "server.default_deadline=60s"}, args...)
	if p.Library != "" {
		all = append(all, "--library", p.Library)
	}
	s, err := gpu.StartServiceOn(ctx, cores, binary, all...)
	if err != nil {
		return nil, err
	}
	n := runtime.NumCPU()
	if cores == serverCore {
		n = 1
	}
	return &service{Service: s, check: p.manifest.Check, cores: n}, nil
}

func (s *service) unary() load.Call { return load.Unary(s.Conn, s.check) }

// stream opens a stream for each processor.
func (s *service) stream(ctx context.Context) (*load.Streams, error) {
	return load.OpenStreams(ctx, s.Conn, s.check, s.cores)
}

// both runs f with unary calls, then with streams.
func (s *service) both(ctx context.Context, f func(name string, call load.Call) error) error {
	if err := f("unary", s.unary()); err != nil {
		return err
	}
	streams, err := s.stream(ctx)
	if err != nil {
		return err
	}
	defer streams.Close()
	return f("stream", streams.Call)
}

// apart keeps this process off the processor of the service while f runs.
func apart(ctx context.Context, f func() error) error {
	if err := process.Confine(ctx, clientCores()); err != nil {
		return err
	}
	defer process.Confine(context.WithoutCancel(ctx), allCores()) //nolint:errcheck // it could a moment ago
	return f()
}

// busy is how many texts are kept under way to find out how much a service can do: enough
// that it never waits for one.
func (s *service) busy() int { return 16 * s.cores }

// allJudged is an error unless the model has seen every text of a run that was not to
// be too much.
func allJudged(t *load.Tally) error {
	if t.Count[load.Judged] != t.Sent() {
		return fmt.Errorf("not every text was judged: %d of %d; %d refused, %d late, %d unseen by the model, %d failed",
			t.Count[load.Judged], t.Sent(), t.Count[load.Refused], t.Count[load.Late], t.Count[load.Unseen], t.Count[load.Failed])
	}
	return nil
}

// counters are what a service counts of itself.
type counters map[string]float64

// counted reads them, summed over the labels of each name. Buckets of histograms keep
// their bound: name{le="0.005"}.
func (s *service) counted(ctx context.Context) (counters, error) {
	_, body, err := s.Get(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	c := counters{}
	for line := range strings.Lines(body) {
		series, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		if end := strings.LastIndexByte(series, '}'); end >= 0 {
			_, value, _ = strings.Cut(line[end:], " ")
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			continue // a label with a space
		}
		c[seriesName(series)] += v
	}
	return c, nil
}

// seriesName drops all labels but le.
func seriesName(series string) string {
	name, labels, _ := strings.Cut(series, "{")
	if _, bound, ok := strings.Cut(labels, `le="`); ok {
		bound, _, _ = strings.Cut(bound, `"`)
		return name + "{" + bound + "}"
	}
	return name
}

// since returns what was counted after before.
func (c counters) since(before counters) counters {
	d := counters{}
	for name, v := range c {
		d[name] = v - before[name]
	}
	return d
}

// atMost is which share of a histogram lies within a bound, in seconds.
func (c counters) atMost(name string, bound float64) float64 {
	return c[name+"_bucket{"+strconv.FormatFloat(bound, 'g', -1, 64)+"}"] / c[name+"_count"]
}

// spent measures the processor time and the allocations of a service while f runs.
func (s *service) spent(ctx context.Context, f func() *load.Tally) (t *load.Tally, cpu time.Duration, c counters, err error) {
	before, err := s.counted(ctx)
	if err != nil {
		return nil, 0, nil, err
	}
	began, err := s.CPU()
	if err != nil {
		return nil, 0, nil, err
	}
	t = f()
	ended, err := s.CPU()
	if err != nil {
		return nil, 0, nil, err
	}
	after, err := s.counted(ctx)
	return t, ended - began, after.since(before), err
}
