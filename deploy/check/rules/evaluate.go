package rules

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
)

// evaluation is rules and what they have seen so far.
type evaluation struct {
	engine *promql.Engine
	memory *memory
	rules  []*state
}

// state is a rule and what came of it the last time.
type state struct {
	rulefmt.Rule
	recorded map[string]labels.Labels // by their text
	alerts   map[string]*alert        // pending and firing ones, by their labels
}

// read takes a file of rules. What is not evaluated here as Prometheus would is an error.
func read(file string) ([]rulefmt.Rule, error) {
	groups, errs := rulefmt.ParseFile(file, false, model.UTF8Validation)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	var all []rulefmt.Rule
	for _, g := range groups.Groups {
		if g.QueryOffset != nil || g.Limit != 0 || len(g.Labels) > 0 {
			return nil, fmt.Errorf("%s: group %s: query_offset, limit and labels of a group are not known here", file, g.Name)
		}
		for _, r := range g.Rules {
			if r.KeepFiringFor != 0 {
				return nil, fmt.Errorf("%s: %s: keep_firing_for is not known here", file, r.Alert)
			}
			all = append(all, r)
		}
	}
	return all, nil
}

func newEvaluation(rules []rulefmt.Rule, m *memory) *evaluation {
	e := &evaluation{memory: m, engine: promql.NewEngine(promql.EngineOpts{
		Logger: slog.New(slog.DiscardHandler), MaxSamples: 1e6, Timeout: time.Hour, EnableAtModifier: true, EnableNegativeOffset: true,
	})}
	for _, r := range rules {
		e.rules = append(e.rules, &state{Rule: r, recorded: map[string]labels.Labels{}, alerts: map[string]*alert{}})
	}
	return e
}

// at evaluates all rules once, in their order: one sees what those before it recorded.
func (e *evaluation) at(ctx context.Context, now time.Time) error {
	for _, r := range e.rules {
		found, err := e.query(ctx, r.Expr, now)
		if err != nil {
			return fmt.Errorf("%s%s: %w", r.Record, r.Alert, err)
		}
		if r.Record != "" {
			r.record(e.memory, found, now)
			continue
		}
		if err := e.raise(ctx, r, found, now); err != nil {
			return fmt.Errorf("%s: %w", r.Alert, err)
		}
	}
	return nil
}

// query is an instant query whose result is a vector.
func (e *evaluation) query(ctx context.Context, expr string, now time.Time) (promql.Vector, error) {
	q, err := e.engine.NewInstantQuery(ctx, e.memory, nil, expr, now)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	found, err := q.Exec(ctx).Vector()
	return append(promql.Vector(nil), found...), err // Close takes back what it was in
}

// record keeps what came of a recording rule, and ends the series that did not come again.
func (r *state) record(m *memory, found promql.Vector, now time.Time) {
	gone := r.recorded
	r.recorded = make(map[string]labels.Labels, len(found))
	for _, s := range found {
		b := labels.NewBuilder(s.Metric).Set(model.MetricNameLabel, r.Record)
		for name, v := range r.Labels {
			b.Set(name, v)
		}
		of := b.Labels()
		m.add(of, now.UnixMilli(), s.F)
		r.recorded[of.String()] = of
		delete(gone, of.String())
	}
	for _, of := range gone {
		m.end(of, now.UnixMilli())
	}
}
