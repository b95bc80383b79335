package main

import (
	"context"
	"fmt"
	"time"

	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/load"
)

const overloadMethod = `The service keeps to one processor, lets a connection have 1024 calls, and the generator keeps to the other processors and one connection. A round: the peak, with 64 unary calls always under way; half of it at a constant
rate; three times the peak at a constant rate, each text with a deadline of a second; and at once half of it again. Goodput is the tokens of the verdicts in time a second, the first fifth of the
storm left out, over those at the peak: in texts it would be above one, since the long ones are those that would be late and are refused. The service has recovered when, from then on, tenths of a second have a usual median and no refusal. Refusals are timed in the service, from the decoded request to the status.`

// tooMuch is how many times the peak is offered, and calm which share of it before and after.
// manyCalls are under way at the peak, so that neither core waits for the other.
const (
	tooMuch   = 3
	calm      = 0.5
	deadline  = time.Second
	manyCalls = 64
)

// storm is one round.
type storm struct {
	peak, goodput     work
	quick, refused    float64 // shares: refused in under 5 ms, of those refused; refused, of all
	within            float64 // share of the verdicts that came in time
	p99, recovery     time.Duration
	late, unseen, bad int
}

// work is what a service gets done in a second.
type work struct{ texts, tokens float64 }

// overload measures what becomes of three times too much.
func (p *proof) overload(ctx context.Context) (figures.Part, error) {
	part := figures.Part{Method: overloadMethod}
	s, err := p.serve(ctx, serverCore, p.Binary, "--set", "server.connections.max_streams=1024") // on one connection the client would hold back what is too much
	if err != nil {
		return part, err
	}
	defer s.Stop() //nolint:errcheck // it was measured
	var storms []storm
	err = apart(ctx, func() error {
		for range p.Rounds + 2 {
			one, err := p.storm(ctx, s)
			if err != nil {
				return err
			}
			say("  peak %.0f tokens a second, goodput %.0f, refused %.0f %%, recovered after %s", one.peak.tokens, one.goodput.tokens, 100*one.refused, one.recovery)
			storms = append(storms, one)
		}
		return nil
	})
	if err != nil {
		return part, err
	}
	part.Figures, part.Tables = stormFigures(storms), []figures.Table{stormTable(storms)}
	return part, nil
}

func (p *proof) storm(ctx context.Context, s *service) (storm, error) {
	peak := load.Closed{Call: s.unary(), Texts: p.mix, Calls: manyCalls}.Run(ctx, p.Time)
	if err := allJudged(peak); err != nil {
		return storm{}, err
	}
	loop := load.Open{Call: s.unary(), Texts: p.mix, Rate: calm * peak.Rate(), Deadline: deadline}
	usual := loop.Run(ctx, p.Time/2)
	before, err := s.counted(ctx)
	if err != nil {
		return storm{}, err
	}
	heavy := loop
	heavy.Rate = tooMuch * peak.Rate()
	ended := make(chan *load.Tally, 1)
	go func() { ended <- heavy.Run(ctx, p.Time) }()
	time.Sleep(p.Time)
	after := loop.Run(ctx, p.Time/2+deadline) // while the last of the storm are still there
	full := <-ended
	counted, err := s.counted(ctx)
	if err != nil {
		return storm{}, err
	}
	counted = counted.since(before)
	return storm{
		peak: p.done(peak, 0, peak.Elapsed), goodput: p.done(full, p.Time/5, p.Time), p99: full.Latency(99),
		quick:    counted.atMost("portcullis_refusal_duration_seconds", 0.005),
		refused:  float64(full.Count[load.Refused]) / float64(full.Sent()),
		within:   float64(full.Count[load.Judged]) / float64(full.Count[load.Judged]+full.Count[load.Late]+full.Count[load.Unseen]),
		recovery: recovery(after, usual.Latency(99)),
		late:     full.Count[load.Late], unseen: full.Count[load.Unseen], bad: full.Count[load.Failed],
	}, ctx.Err()
}

// done is what was judged a second between two moments.
func (p *proof) done(t *load.Tally, from, to time.Duration) (w work) {
	for _, s := range t.Samples {
		if at := s.Due + s.Took; s.Outcome == load.Judged && at >= from && at <= to {
			w.texts++
			w.tokens += float64(p.lengths[s.Text])
		}
	}
	return work{w.texts / (to - from).Seconds(), w.tokens / (to - from).Seconds()}
}

// recovery is the end of the last tenth of a second whose texts had an unusual median, or
// one that got no verdict.
func recovery(t *load.Tally, usual time.Duration) (last time.Duration) {
	const stretch = 100 * time.Millisecond
	took := map[int][]time.Duration{}
	for _, s := range t.Samples {
		took[int(s.Due/stretch)] = append(took[int(s.Due/stretch)], s.Took)
		if s.Outcome != load.Judged {
			last = max(last, s.Due.Truncate(stretch)+stretch)
		}
	}
	for i, times := range took {
		if median(times) > usual {
			last = max(last, time.Duration(i+1)*stretch)
		}
	}
	return last
}

func stormFigures(storms []storm) []figures.Figure {
	var goodputs, quicks, recoveries, tails []float64
	for _, s := range storms {
		goodputs = append(goodputs, s.goodput.tokens/s.peak.tokens)
		quicks = append(quicks, s.quick)
		recoveries = append(recoveries, s.recovery.Seconds())
		tails = append(tails, s.p99.Seconds())
	}
	kept := figures.Of("goodput over the peak, in tokens", "", goodputs...)
	kept.Least = figures.AtLeast(0.9)
	quick := figures.Of("share of refusals in under 5 ms", "", quicks...)
	quick.Least, quick.Bound = figures.AtLeast(0.99), true
	recovered := figures.Of("recovery", "s", recoveries...)
	recovered.Most = figures.AtMost(1)
	tail := figures.Of("p99 of the verdicts; the deadline is 1 s", "s", tails...)
	tail.Most = figures.AtMost(deadline.Seconds())
	return []figures.Figure{kept, quick, recovered, tail}
}

func stormTable(storms []storm) figures.Table {
	t := figures.Table{Title: "Each round", Columns: []string{"peak, tokens a second", "goodput", "peak, texts a second", "goodput", "refused", "verdicts in time, of those begun", "late", "unseen by the model", "failed", "p99, ms", "recovery, s"}}
	for _, s := range storms {
		t.Rows = append(t.Rows, []string{
			figures.Number(s.peak.tokens), figures.Number(s.goodput.tokens), figures.Number(s.peak.texts), figures.Number(s.goodput.texts), fmt.Sprintf("%.0f %%", 100*s.refused), fmt.Sprintf("%.1f %%", 100*s.within),
			fmt.Sprint(s.late), fmt.Sprint(s.unseen), fmt.Sprint(s.bad), figures.Number(milliseconds(s.p99)), figures.Number(s.recovery.Seconds()),
		})
	}
	return t
}
