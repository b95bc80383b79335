package main

import (
	"context"
	"fmt"

	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/load"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/process"
)

const efficiencyMethod = `The same texts, lognormal lengths with a median of 40 tokens, are sent once through gRPC with the service kept busy, and
run once, tokenised ahead, by a bare loop on the same ONNX Runtime, model and processors. A round is the bare loop, unary calls and streams, one right
after the other. "One core": the service and the bare loop have one processor, the generator the others. "All cores": all share all, so the generator's
own work counts against the service. The bare loop is the best of one window at a time and, in Python on the same ONNX Runtime, groups of equal length without padding.`

// efficiency compares the service with the bare loop at saturation.
func (p *proof) efficiency(ctx context.Context) (figures.Part, error) {
	part := figures.Part{Method: efficiencyMethod}
	table := figures.Table{
		Title:   fmt.Sprintf("Texts a second, median of %d rounds, %d texts, %d windows", p.Rounds+2, len(p.mix), len(p.windows(p.mix))),
		Columns: []string{"where", "bare loop", "of it in Go, a window at a time", "unary", "stream"},
	}
	for _, where := range []struct{ name, cores string }{{"one core", serverCore}, {"all cores", ""}} {
		rates, err := p.compareRates(ctx, where.cores)
		if err != nil {
			return part, err
		}
		for _, mode := range []string{"unary", "stream"} {
			ratios := make([]float64, len(rates["bare"]))
			for i := range ratios {
				ratios[i] = rates[mode][i] / rates["bare"][i]
			}
			f := figures.Of(mode+", "+where.name, "", ratios...)
			f.Least = figures.AtLeast(0.95)
			part.Figures = append(part.Figures, f)
		}
		row := []string{where.name}
		for _, name := range []string{"bare", "go", "unary", "stream"} {
			row = append(row, figures.Of("", "", rates[name]...).String())
		}
		table.Rows = append(table.Rows, row)
	}
	part.Tables = append(part.Tables, table)
	return part, nil
}

// compareRates measures rounds of texts a second, by what gave them.
func (p *proof) compareRates(ctx context.Context, cores string) (map[string][]float64, error) {
	s, err := p.serve(ctx, cores, p.Binary)
	if err != nil {
		return nil, err
	}
	defer s.Stop() //nolint:errcheck // it was measured
	session, err := p.session(1)
	if err != nil {
		return nil, err
	}
	defer session.Close() //nolint:errcheck // it was measured
	rates := map[string][]float64{}
	for range p.Rounds + 2 {
		if err := p.bareRound(ctx, session, s.cores, cores, rates); err != nil {
			return nil, err
		}
		measure := func() error { return p.servedRound(ctx, s, rates) }
		if cores != "" {
			measure = func() error { return apart(ctx, func() error { return p.servedRound(ctx, s, rates) }) }
		}
		if err := measure(); err != nil {
			return nil, err
		}
	}
	return rates, nil
}

// bareRound runs the loop in Go, and the one in Python if there is one; the better one is
// what the service is compared with.
func (p *proof) bareRound(ctx context.Context, session *ort.Session, callers int, cores string, rates map[string][]float64) error {
	if cores != "" {
		if err := process.Confine(ctx, cores); err != nil {
			return err
		}
		defer process.Confine(context.WithoutCancel(ctx), allCores()) //nolint:errcheck // it could a moment ago
	}
	took, err := bare(ctx, session, p.windows(p.mix), callers)
	if err != nil {
		return err
	}
	rate := float64(len(p.mix)) / took.Seconds()
	rates["go"] = append(rates["go"], rate)
	if p.Python != "" {
		python, err := p.barePython(ctx, callers, cores)
		if err != nil {
			return err
		}
		rate = max(rate, python)
	}
	rates["bare"] = append(rates["bare"], rate)
	return nil
}

func (p *proof) servedRound(ctx context.Context, s *service, rates map[string][]float64) error {
	return s.both(ctx, func(name string, call load.Call) error {
		t := load.Closed{Call: call, Texts: p.mix, Calls: s.busy()}.Once(ctx)
		rates[name] = append(rates[name], t.Rate())
		return allJudged(t)
	})
}
