package rules

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// A File is a promtool file of tests.
type File struct {
	RuleFiles []string       `json:"rule_files"`
	Every     model.Duration `json:"evaluation_interval"`
	Tests     []Test         `json:"tests"`
}

// A Test is some series, and what the rules must make of them.
type Test struct {
	Name     string         `json:"name"`
	Interval model.Duration `json:"interval"`
	Series   []struct {
		Series string `json:"series"`
		Values string `json:"values"`
	} `json:"input_series"`
	Alerts []struct {
		At   model.Duration `json:"eval_time"`
		Name string         `json:"alertname"`
		Want []struct {
			Labels      map[string]string `json:"exp_labels"`
			Annotations map[string]string `json:"exp_annotations"`
		} `json:"exp_alerts"`
	} `json:"alert_rule_test"`
	Exprs []struct {
		At   model.Duration `json:"eval_time"`
		Expr string         `json:"expr"`
		Want []struct {
			Labels string  `json:"labels"`
			Value  float64 `json:"value"`
		} `json:"exp_samples"`
	} `json:"promql_expr_test"`
}

// Read takes a file of tests and the rules that it names. A key that is not known here is
// an error.
func Read(file string) (f File, all []rulefmt.Rule, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return File{}, nil, err
	}
	if err := yaml.UnmarshalStrict(text, &f); err != nil {
		return File{}, nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, name := range f.RuleFiles {
		some, err := read(filepath.Join(filepath.Dir(file), name))
		if err != nil {
			return File{}, nil, err
		}
		all = append(all, some...)
	}
	return f, all, nil
}

// Run evaluates rules every so often, and returns what did not come out as t wants.
func (t Test) Run(ctx context.Context, all []rulefmt.Rule, every time.Duration) (wrong []string, err error) {
	m, err := t.load()
	if err != nil {
		return nil, err
	}
	e := newEvaluation(t.needed(all), m)
	for now := time.Duration(0); now <= t.end(); now += every {
		if err := e.at(ctx, time.UnixMilli(0).Add(now)); err != nil {
			return nil, err
		}
		wrong = append(wrong, t.compareAlerts(e, now, every)...)
	}
	more, err := t.compareExprs(ctx, e)
	return append(wrong, more...), err
}

// needed leaves out what t neither asks about nor would see in what it asks about: a rule
// sees only what those before it have recorded.
func (t Test) needed(all []rulefmt.Rule) (some []rulefmt.Rule) {
	var read strings.Builder
	for _, x := range t.Exprs {
		read.WriteString(x.Expr + "\n")
	}
	for _, r := range slices.Backward(all) {
		if t.Asks(r.Alert) || r.Record != "" && strings.Contains(read.String(), r.Record) {
			some = append(some, r)
			read.WriteString(r.Expr + "\n")
		}
	}
	slices.Reverse(some)
	return some
}

// Asks is true if t says when an alert fires.
func (t Test) Asks(alert string) bool {
	for _, a := range t.Alerts {
		if a.Name == alert {
			return true
		}
	}
	return false
}

func (t Test) compareExprs(ctx context.Context, e *evaluation) (wrong []string, err error) {
	for _, x := range t.Exprs {
		found, err := e.query(ctx, x.Expr, time.UnixMilli(0).Add(time.Duration(x.At)))
		if err != nil {
			return nil, err
		}
		var want []string
		for _, s := range x.Want {
			of, err := parser.ParseMetric(s.Labels)
			if err != nil {
				return nil, err
			}
			want = append(want, sample(of, s.Value))
		}
		wrong = append(wrong, differ(fmt.Sprintf("%s at %s", x.Expr, x.At), samples(found), want)...)
	}
	return wrong, nil
}

// load puts the series into a memory, a value every interval from the beginning of time.
func (t Test) load() (*memory, error) {
	m := &memory{series: map[string]*promql.Series{}}
	for _, s := range t.Series {
		of, values, err := parser.ParseSeriesDesc(s.Series + " " + s.Values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Series, err)
		}
		for i, v := range values {
			if !v.Omitted {
				m.add(of, int64(i)*time.Duration(t.Interval).Milliseconds(), v.Value)
			}
		}
	}
	return m, nil
}

// end is the last moment that is asked about.
func (t Test) end() time.Duration {
	var last model.Duration
	for _, a := range t.Alerts {
		last = max(last, a.At)
	}
	for _, x := range t.Exprs {
		last = max(last, x.At)
	}
	return time.Duration(last)
}

// compareAlerts asks about those moments that come before the next evaluation.
func (t Test) compareAlerts(e *evaluation, now, every time.Duration) (wrong []string) {
	for _, a := range t.Alerts {
		if at := time.Duration(a.At); at < now || at >= now+every {
			continue
		}
		var got, want []string
		for _, f := range e.firing(a.Name) {
			got = append(got, f.labels.String()+f.annotations.String())
		}
		for _, w := range a.Want {
			of := labels.NewBuilder(labels.FromMap(w.Labels)).Set(model.AlertNameLabel, a.Name).Labels()
			want = append(want, of.String()+labels.FromMap(w.Annotations).String())
		}
		wrong = append(wrong, differ(fmt.Sprintf("%s at %s", a.Name, a.At), got, want)...)
	}
	return wrong
}

func samples(found promql.Vector) (all []string) {
	for _, s := range found {
		all = append(all, sample(s.Metric, s.F))
	}
	return all
}

// sample writes a value as it is compared: what lies within rounding is the same.
func sample(of labels.Labels, v float64) string {
	if math.Abs(v) < 1e-9 {
		v = 0
	}
	return fmt.Sprintf("%s %.9g", of, v)
}

func differ(what string, got, want []string) []string {
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return nil
	}
	return []string{fmt.Sprintf("%s:\n got  %s\n want %s", what, strings.Join(got, "\n      "), strings.Join(want, "\n      "))}
}
