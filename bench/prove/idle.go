package main

import (
	"context"
	"fmt"
	"time"

	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/load"
	"github.com/portcullis-ai/portcullis/bench/texts"
	"github.com/portcullis-ai/portcullis/inference/ort"
)

const idleMethod = `In turn, with a pause of 5 ms before each: the bare inference of a text with one thread, with a thread a core, and the same text through the service, over a
unary call and over a stream. Nothing else runs. "Bare" is the better of both settings; medians. The aim is 1.05 times the bare inference plus 0.3 ms.`

// idleLengths are the texts that are measured, in tokens, each a window of the model.
var idleLengths = []int{16, 40, 120}

// idleRest is the pause before each measurement.
const idleRest = 5 * time.Millisecond

// idle compares a lone text with its bare inference.
func (p *proof) idle(ctx context.Context) (figures.Part, error) {
	part := figures.Part{Method: idleMethod}
	table := figures.Table{Title: "Medians, in ms", Columns: []string{"tokens", "bare, 1 thread", "bare, a thread a core", "unary", "stream", "unary over the better bare"}}
	s, err := p.serve(ctx, "", p.Binary)
	if err != nil {
		return part, err
	}
	defer s.Stop() //nolint:errcheck // it was measured
	streams, err := s.stream(ctx)
	if err != nil {
		return part, err
	}
	defer streams.Close()
	single, err := p.session(1)
	if err != nil {
		return part, err
	}
	defer single.Close() //nolint:errcheck // it was measured
	every, err := p.session(s.cores)
	if err != nil {
		return part, err
	}
	defer every.Close() //nolint:errcheck // it was measured
	for _, n := range idleLengths {
		w, err := texts.NewWriter(p.tokenizer, uint64(n))
		if err != nil {
			return part, err
		}
		text := w.Text(n)
		times, err := p.alternate([]func() error{
			p.lone(ctx, single, text), p.lone(ctx, every, text), asked(ctx, s.unary(), text), asked(ctx, streams.Call, text),
		})
		if err != nil {
			return part, err
		}
		part.Figures = append(part.Figures, excess(n, times))
		table.Rows = append(table.Rows, idleRow(n, times))
	}
	part.Tables = append(part.Tables, table)
	return part, nil
}

func (p *proof) lone(ctx context.Context, s *ort.Session, text string) func() error {
	windows := p.windows([]string{text})
	return func() error { _, err := s.Run(ctx, windows); return err }
}

func asked(ctx context.Context, call load.Call, text string) func() error {
	return func() error {
		if outcome := call(ctx, text); outcome != load.Judged {
			return fmt.Errorf("a lone text was %s", outcome)
		}
		return nil
	}
}

// alternate does each thing in turn as long as time lasts, ten times at least, and returns
// how long each took, the first ones left out.
func (p *proof) alternate(things []func() error) ([][]time.Duration, error) {
	times := make([][]time.Duration, len(things))
	for began, round := time.Now(), 0; round < 11 || time.Since(began) < p.Time; round++ {
		for i, do := range things {
			time.Sleep(idleRest)
			start := time.Now()
			if err := do(); err != nil {
				return nil, err
			}
			if took := time.Since(start); round > 0 {
				times[i] = append(times[i], took)
			}
		}
	}
	return times, nil
}

// excess is what the service takes beyond what it may: 1.05 times the bare inference.
func excess(tokens int, times [][]time.Duration) figures.Figure {
	base := min(median(times[0]), median(times[1]))
	over := median(times[2]).Seconds() - 1.05*base.Seconds()
	f := figures.Of(fmt.Sprintf("%d tokens: unary, beyond 1.05 times the bare inference", tokens), "ms", 1000*over)
	f.Most = figures.AtMost(0.3)
	return f
}

func idleRow(tokens int, times [][]time.Duration) []string {
	row := []string{fmt.Sprint(tokens)}
	for _, t := range times {
		row = append(row, figures.Number(1000*median(t).Seconds()))
	}
	base := min(median(times[0]), median(times[1]))
	return append(row, figures.Number(median(times[2]).Seconds()/base.Seconds()))
}
