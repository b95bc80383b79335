package figures

import (
	"math"
	"strconv"
)

// axis is the range of one coordinate.
type axis struct {
	low, high float64
	log       bool
}

// axisOf spans all points: from 0 to a round number, or over whole powers of ten.
func axisOf(lines []Curve, coordinate int, log bool) axis {
	a := axis{low: math.Inf(1), high: math.Inf(-1), log: log}
	for _, l := range lines {
		for _, p := range l.Points {
			if v := p[coordinate]; !log || v > 0 {
				a.low, a.high = min(a.low, v), max(a.high, v)
			}
		}
	}
	switch {
	case a.low > a.high: // no points
		return axis{low: 1, high: 10, log: log}
	case log:
		a.low, a.high = math.Pow(10, math.Floor(math.Log10(a.low))), math.Pow(10, math.Ceil(math.Log10(a.high)))
		if a.low == a.high {
			a.high *= 10
		}
	default:
		a.low, a.high = min(0, a.low), max(a.high, 1e-9)
		a.high = math.Ceil(a.high/a.step()) * a.step()
	}
	return a
}

// share is where v lies between the ends, from 0 to 1.
func (a axis) share(v float64) float64 {
	if a.log {
		return (math.Log10(max(v, a.low)) - math.Log10(a.low)) / (math.Log10(a.high) - math.Log10(a.low))
	}
	return (v - a.low) / (a.high - a.low)
}

// step is a round number of which five to ten fill the axis.
func (a axis) step() float64 {
	rough := (a.high - a.low) / 5
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{5, 2} {
		if rough >= m*power {
			return m * power
		}
	}
	return power
}

func (a axis) ticks() (at []float64) {
	if a.log {
		for v := a.low; v <= a.high*1.0001; v *= 10 {
			at = append(at, v)
		}
		return at
	}
	for i, step := math.Ceil(a.low/a.step()), a.step(); i*step <= a.high*1.0001; i++ {
		at = append(at, i*step)
	}
	return at
}

// mark writes a number at an axis.
func mark(v float64) string {
	if v >= 10_000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
