package main

import (
	"context"
	"fmt"
	"time"

	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/load"
	"github.com/portcullis-ai/portcullis/bench/texts"
)

const loadMethod = `Texts come at a constant rate, whatever becomes of those before (open loop), each unary call or message of a stream for itself, and latencies count from
the moment at which a text was due, so nothing is left out while the service is busy (no coordinated omission). They are kept in an HDR histogram of three digits. The
service has all processors and the generator works beside it. Saturation is what it judges a second when 16 texts a core are always under way.`

// loads are the shares of saturation that are offered.
var loads = []float64{idleLoad, 0.3, 0.5, aimLoad, 0.9}

// The load at which the tail is to be short, beside the one that counts as idle.
const (
	idleLoad = 0.1
	aimLoad  = 0.7
)

var percentiles = []struct {
	name string
	at   float64
}{{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}}

// underLoad offers the mix of lengths and the corpus at rising rates.
func (p *proof) underLoad(ctx context.Context) (figures.Part, error) {
	part := figures.Part{Method: loadMethod}
	s, err := p.serve(ctx, "", p.Binary)
	if err != nil {
		return part, err
	}
	defer s.Stop() //nolint:errcheck // it was measured
	corpus, err := corpusTexts(ctx, s)
	if err != nil {
		return part, err
	}
	for _, mix := range []struct {
		name  string
		texts []string
	}{{"lognormal", p.mix}, {"corpus", corpus}} {
		err := s.both(ctx, func(how string, call load.Call) error {
			return p.curve(ctx, s, &part, mix.name, how, mix.texts, call)
		})
		if err != nil {
			return part, err
		}
	}
	return part, nil
}

// corpusTexts are those of the corpus that reach the model whole: what the rules block at
// once would make a service look fast.
func corpusTexts(ctx context.Context, s *service) (out []string, err error) {
	all, err := texts.Corpus()
	if err != nil {
		return nil, err
	}
	call := s.unary()
	for _, t := range all {
		if call(ctx, t.Text) == load.Judged {
			out = append(out, t.Text)
		}
	}
	return out, ctx.Err()
}

// curve measures one mix in one way at all loads.
func (p *proof) curve(ctx context.Context, s *service, part *figures.Part, mix, how string, all []string, call load.Call) error {
	full := load.Closed{Call: call, Texts: all, Calls: s.busy()}.Run(ctx, p.Time)
	if err := allJudged(full); err != nil {
		return err
	}
	table := figures.Table{
		Title:   fmt.Sprintf("%s, %s: latency in ms; saturation %.0f texts a second", mix, how, full.Rate()),
		Columns: []string{"offered", "texts a second", "p50", "p90", "p99", "p99.9", "not judged"},
	}
	plot := figures.Plot{
		Name: "latency-" + mix + "-" + how, Title: "Latency under load: " + mix + ", " + how,
		X: "offered, % of saturation", Y: "ms", Log: true,
	}
	for _, q := range percentiles {
		plot.Lines = append(plot.Lines, figures.Curve{Name: q.name})
	}
	tail := map[float64]float64{}
	for _, share := range loads {
		t := load.Open{Call: call, Texts: all, Rate: share * full.Rate()}.Run(ctx, p.stretch(share))
		row := []string{fmt.Sprintf("%.0f %%", 100*share), figures.Number(share * full.Rate())}
		for i, q := range percentiles {
			ms := milliseconds(t.Latency(q.at))
			row = append(row, figures.Number(ms))
			plot.Lines[i].Points = append(plot.Lines[i].Points, [2]float64{100 * share, ms})
		}
		table.Rows = append(table.Rows, append(row, fmt.Sprint(t.Sent()-t.Count[load.Judged])))
		tail[share] = milliseconds(t.Latency(99))
		say("  %s, %s, %.0f %%: p50 %s, p99 %s", mix, how, 100*share, t.Latency(50), t.Latency(99))
	}
	f := figures.Of(fmt.Sprintf("%s, %s: p99 at %.0f %% over p99 at %.0f %%", mix, how, 100*aimLoad, 100*idleLoad), "", tail[aimLoad]/tail[idleLoad])
	f.Most, f.Bound = figures.AtMost(5), true
	part.Figures, part.Tables, part.Plots = append(part.Figures, f), append(part.Tables, table), append(part.Plots, plot)
	return nil
}

// stretch is how long a load is offered: longer where a ratio is taken, or the tail would
// be that of a few texts, or of one moment in which the machine did something else.
func (p *proof) stretch(share float64) time.Duration {
	if share == idleLoad || share == aimLoad {
		return 4 * p.Time
	}
	return 2 * p.Time
}

func milliseconds(d time.Duration) float64 { return 1000 * d.Seconds() }
