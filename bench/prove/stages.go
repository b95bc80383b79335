package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/texts"
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/pattern"
	"github.com/portcullis-ai/portcullis/guard/tokens"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/internal/process"
)

// stage is a step of a text's road that can be run alone.
type stage struct {
	name string
	do   func(ctx context.Context, text string) error
}

// stages measures each on texts of every size.
func (p *proof) stages(ctx context.Context) (figures.Table, error) {
	table := figures.Table{Title: "Stages alone: µs of processor time, and allocations, for each text", Columns: []string{"stage"}}
	all, end, err := p.allStages() //nolint:contextcheck // it compiles rules, which takes no context
	if err != nil {
		return table, err
	}
	defer end()
	for _, c := range cpuCases {
		table.Columns = append(table.Columns, c.name)
	}
	for _, s := range all {
		row := []string{s.name}
		for _, c := range cpuCases {
			w, err := texts.NewWriter(p.tokenizer, 1)
			if err != nil {
				return table, err
			}
			var all []string
			for range others {
				all = append(all, w.Bytes(c.bytes))
			}
			micros, allocations, err := timed(ctx, s, all, p.Time/20)
			if err != nil {
				return table, fmt.Errorf("%s: %w", s.name, err)
			}
			row = append(row, fmt.Sprintf("%s, %.0f", figures.Number(micros), allocations))
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}

// allStages makes them as the service does; end frees what they hold.
func (p *proof) allStages() (all []stage, end func(), err error) {
	counter, err := tokens.NewCounter(tokens.DefaultConfig())
	if err != nil {
		return nil, nil, err
	}
	rules, err := pattern.Builtin()
	if err != nil {
		return nil, nil, err
	}
	patterns, err := pattern.New(rules)
	if err != nil {
		return nil, nil, err
	}
	b, err := p.idleBatcher()
	if err != nil {
		return nil, nil, err
	}
	cfg := guard.DefaultConfig()
	prepare := guard.Preparer{MaxRaw: cfg.MaxTextBytes, MaxFolded: cfg.MaxFoldedBytes}
	all = []stage{
		{"prepare", func(_ context.Context, text string) error { _, err := prepare.Prepare(text); return err }},
		{"prepare and count tokens", prepared(prepare, tokens.New(counter))},
		{"prepare and rules", prepared(prepare, patterns)},
		{"WordPiece", func(_ context.Context, text string) error { p.tokenizer.Encode(text); return nil }},
		{"WordPiece, and through the batcher", func(ctx context.Context, text string) error {
			_, err := b.DoAll(ctx, p.tokenizer.Encode(text))
			return err
		}},
	}
	return all, func() { _ = b.Shutdown(context.Background()) }, nil // nothing runs
}

// prepared runs one check on a text.
func prepared(by guard.Preparer, c guard.Check) func(context.Context, string) error {
	return func(ctx context.Context, text string) error {
		t, err := by.Prepare(text)
		if err != nil {
			return err
		}
		_, err = c.Inspect(ctx, t)
		return err
	}
}

// idleBatcher has an executor that costs nothing.
func (p *proof) idleBatcher() (*batching.Batcher[inference.Encoding, []float32], error) {
	row := make([]float32, p.graph.Labels)
	return batching.New(batching.DefaultConfig(), inference.Encoding.Len, []batching.Executor[inference.Encoding, []float32]{{
		Name: "nothing", InFlight: runtime.GOMAXPROCS(0), MaxItems: 1, MaxCost: p.graph.MaxLength, Cost: batching.Padded(0),
		Run: func(_ context.Context, batch []inference.Encoding) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i := range rows {
				rows[i] = row
			}
			return rows, nil
		},
	}})
}

// timed runs a stage as long as duration, on one text after the other: what is asked the
// same again and again finds its tables in the processor's caches, which a service does
// not. It returns µs of processor time and allocations for each time.
func timed(ctx context.Context, s stage, all []string, duration time.Duration) (micros, allocations float64, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began, err1 := process.Working()
	n := 0
	for start := time.Now(); time.Since(start) < duration || n < 10; n++ {
		if err := s.do(ctx, all[n%len(all)]); err != nil {
			return 0, 0, err
		}
	}
	ended, err2 := process.Working()
	runtime.ReadMemStats(&after)
	return float64((ended.Own - began.Own).Nanoseconds()) / 1000 / float64(n), float64(after.Mallocs-before.Mallocs) / float64(n), errors.Join(err1, err2)
}
