package rules

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// memory holds series, the points of each in the order of time. It is what the engine
// reads.
type memory struct {
	series map[string]*promql.Series // by their labels
}

// add puts a point behind those of a series. at is in milliseconds.
func (m *memory) add(of labels.Labels, at int64, v float64) {
	key := of.String()
	if m.series[key] == nil {
		m.series[key] = &promql.Series{Metric: of}
	}
	m.series[key].Floats = append(m.series[key].Floats, promql.FPoint{T: at, F: v})
}

// end says that a series has no value from a moment on, in the way of Prometheus.
func (m *memory) end(of labels.Labels, at int64) { m.add(of, at, math.Float64frombits(value.StaleNaN)) }

// Querier implements storage.Queryable. Both ends are in milliseconds and belong to it.
func (m *memory) Querier(from, to int64) (storage.Querier, error) {
	return &window{memory: m, from: from, to: to}, nil
}

// window is some time of a memory.
type window struct {
	memory   *memory
	from, to int64
}

// Select implements storage.Querier.
func (w *window) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	found := &set{next: -1}
	for _, s := range w.memory.series {
		if points := w.cut(s.Floats); len(points) > 0 && match(s.Metric, matchers) {
			found.all = append(found.all, promql.Series{Metric: s.Metric, Floats: points})
		}
	}
	slices.SortFunc(found.all, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
	return found
}

func (w *window) cut(points []promql.FPoint) []promql.FPoint {
	first := sort.Search(len(points), func(i int) bool { return points[i].T >= w.from })
	behind := sort.Search(len(points), func(i int) bool { return points[i].T > w.to })
	return points[first:behind]
}

func match(of labels.Labels, matchers []*labels.Matcher) bool {
	return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(of.Get(m.Name)) })
}

// LabelValues implements storage.Querier; no query asks for it.
func (*window) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames implements storage.Querier; no query asks for it.
func (*window) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close implements storage.Querier.
func (*window) Close() error { return nil }

// set goes over what Select found.
type set struct {
	all  []promql.Series
	next int
}

// Next implements storage.SeriesSet.
func (s *set) Next() bool { s.next++; return s.next < len(s.all) }

// At implements storage.SeriesSet.
func (s *set) At() storage.Series { return promql.NewStorageSeries(s.all[s.next]) }

// Err implements storage.SeriesSet.
func (*set) Err() error { return nil }

// Warnings implements storage.SeriesSet.
func (*set) Warnings() annotations.Annotations { return nil }
