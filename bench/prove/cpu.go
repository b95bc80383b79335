package main

import (
	"context"
	"fmt"
	"time"

	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/load"
	"github.com/portcullis-ai/portcullis/bench/texts"
)

const cpuMethod = `The service is built with a backend that costs nothing in the model's place (the tag null_backend; no release has it), keeps to one processor and is asked
from another, 32 texts under way, unary calls and two streams. Processor time is the whole process's, garbage collection included, as the kernel counts it; allocations
are the Go runtime's. No text comes twice in a row, the queue has room for all of them and the cache is off, but for the rows that say otherwise. The stages were run alone in a loop in this process.`

// cpuCase is one kind of text and way of asking.
type cpuCase struct {
	name  string
	bytes int
	aim   map[string]float64 // µs by way of asking
}

var cpuCases = []cpuCase{
	{"200 B, 40 tokens", 200, map[string]float64{"unary": 60, "stream": 30}},
	{"2 KB, 400 tokens", 2000, map[string]float64{"unary": 200, "stream": 130}},
	{"16 KB", 16000, nil},
}

// roomy is a queue that takes all texts under way, the longest too: on one processor they
// may all be there before the first is run, and one that is refused costs less.
const roomy = "batching.max_queue_cost=1048576"

// kept is how many texts are kept under way, and others how many there are to send.
const (
	kept   = 32
	others = 64
)

// cpu measures what everything but the model costs.
func (p *proof) cpu(ctx context.Context) (figures.Part, error) {
	part := figures.Part{Method: cpuMethod}
	table := figures.Table{Title: "Processor time and allocations of the service for each text", Columns: []string{"text", "how", "µs", "allocations", "bytes allocated", "texts a second"}}
	s, err := p.serve(ctx, serverCore, p.Null, "--set", roomy)
	if err != nil {
		return part, err
	}
	for _, c := range cpuCases {
		err = s.both(ctx, func(how string, call load.Call) error {
			costs, err := p.costs(ctx, s, c.bytes, call)
			if err != nil {
				return err
			}
			part.Figures = append(part.Figures, costFigure(c, how, costs))
			table.Rows = append(table.Rows, costRow(c.name, how, costs))
			return nil
		})
		if err != nil {
			break
		}
	}
	if err := joinStop(err, s); err != nil {
		return part, err
	}
	if err := p.settings(ctx, &table); err != nil {
		return part, err
	}
	stages, err := p.stages(ctx)
	part.Tables = append(part.Tables, table, stages)
	return part, err
}

// settings measures what switches cost that are off above and on by default.
func (p *proof) settings(ctx context.Context, table *figures.Table) error {
	for _, with := range []struct{ name, set string }{
		{"with a line in the log for each call", "server.log_requests=true"},
		{"with the cache, which knows the text", "cache.enabled=true"},
	} {
		s, err := p.serve(ctx, serverCore, p.Null, "--set", with.set)
		if err != nil {
			return err
		}
		costs, err := p.costs(ctx, s, cpuCases[0].bytes, s.unary())
		if err := joinStop(err, s); err != nil {
			return err
		}
		table.Rows = append(table.Rows, costRow(cpuCases[0].name+", "+with.name, "unary", costs))
	}
	return nil
}

func joinStop(err error, s *service) error {
	if stop := s.Stop(); err == nil {
		err = stop
	}
	return err
}

// cost is what a text costs the service.
type cost struct{ micros, allocations, bytes, rate float64 }

// costs measures rounds of it, after a first one that finds everything cold.
func (p *proof) costs(ctx context.Context, s *service, size int, call load.Call) (all []cost, err error) {
	w, err := texts.NewWriter(p.tokenizer, uint64(size))
	if err != nil {
		return nil, err
	}
	closed := load.Closed{Call: call, Calls: kept}
	for range others {
		closed.Texts = append(closed.Texts, w.Bytes(size))
	}
	err = apart(ctx, func() error {
		for round := range p.Rounds + 1 {
			c, err := s.cost(ctx, closed, p.Time/3)
			if err != nil {
				return err
			}
			if round > 0 {
				all = append(all, c)
			}
		}
		return nil
	})
	return all, err
}

func (s *service) cost(ctx context.Context, closed load.Closed, duration time.Duration) (cost, error) {
	t, cpu, counted, err := s.spent(ctx, func() *load.Tally { return closed.Run(ctx, duration) })
	if err != nil {
		return cost{}, err
	}
	n := float64(t.Sent())
	return cost{
		micros:      float64(cpu.Microseconds()) / n,
		allocations: counted["go_memstats_mallocs_total"] / n,
		bytes:       counted["go_memstats_alloc_bytes_total"] / n,
		rate:        t.Rate(),
	}, allJudged(t)
}

// column returns one value of every round.
func column(all []cost, of func(cost) float64) (values []float64) {
	for _, c := range all {
		values = append(values, of(c))
	}
	return values
}

func costFigure(c cpuCase, how string, all []cost) figures.Figure {
	f := figures.Of(c.name+", "+how, "µs", column(all, func(c cost) float64 { return c.micros })...)
	if aim, ok := c.aim[how]; ok {
		f.Most = figures.AtMost(aim)
	}
	return f
}

func costRow(name, how string, all []cost) []string {
	row := []string{name, how}
	for _, of := range []func(cost) float64{
		func(c cost) float64 { return c.micros }, func(c cost) float64 { return c.allocations },
		func(c cost) float64 { return c.bytes }, func(c cost) float64 { return c.rate },
	} {
		row = append(row, fmt.Sprintf("%.0f", figures.Of("", "", column(all, of)...).Value))
	}
	return row
}
