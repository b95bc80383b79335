package rules

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"
)

// alert is pending until it has been there for as long as its rule says.
type alert struct {
	labels, annotations labels.Labels
	since               time.Time
	firing              bool
}

// raise compares what came of an alert's expression with the alerts that are there.
func (e *evaluation) raise(ctx context.Context, r *state, found promql.Vector, now time.Time) error {
	before := r.alerts
	r.alerts = make(map[string]*alert, len(found))
	for _, s := range found {
		a, err := e.alert(ctx, r, s, now)
		if err != nil {
			return err
		}
		key := a.labels.String()
		if r.alerts[key] != nil {
			return errors.New("two alerts have the same labels")
		}
		if old := before[key]; old != nil {
			a.since, a.firing = old.since, old.firing
		}
		a.firing = a.firing || now.Sub(a.since) >= time.Duration(r.For)
		r.alerts[key] = a
	}
	return nil
}

// alert makes one of a sample, its templates filled in.
func (e *evaluation) alert(ctx context.Context, r *state, s promql.Sample, now time.Time) (*alert, error) {
	data := template.AlertTemplateData(s.Metric.Map(), nil, "", s)
	of := labels.NewBuilder(s.Metric).Del(model.MetricNameLabel)
	notes := labels.NewBuilder(labels.EmptyLabels())
	for into, texts := range map[*labels.Builder]map[string]string{of: r.Labels, notes: r.Annotations} {
		for name, text := range texts {
			filled, err := e.fill(ctx, text, data, now)
			if err != nil {
				return nil, err
			}
			into.Set(name, filled)
		}
	}
	return &alert{labels: of.Set(model.AlertNameLabel, r.Alert).Labels(), annotations: notes.Labels(), since: now}, nil
}

// shorthands are what Prometheus puts before every template of an alert.
const shorthands = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

func (e *evaluation) fill(ctx context.Context, text string, data any, now time.Time) (string, error) {
	query := template.QueryFunc(e.query)
	return template.NewTemplateExpander(ctx, shorthands+text, "alert", data, model.TimeFromUnixNano(now.UnixNano()), query, &url.URL{}, nil).Expand()
}

// firing are the alerts of a name that fire now.
func (e *evaluation) firing(name string) []*alert {
	var all []*alert
	for _, r := range e.rules {
		for _, a := range r.alerts {
			if r.Alert == name && a.firing {
				all = append(all, a)
			}
		}
	}
	return all
}
