// Package figures is what a measurement leaves behind: numbers with their spread, tables
// and curves, kept as JSON, drawn as SVG and shown on one HTML page.
package figures

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Result is one run of the whole, or of some of its parts.
type Result struct {
	Day     string `json:"day"`
	Version string `json:"version"` // of the service
	Machine string `json:"machine"`
	Command string `json:"command"`
	// Others is the share of the machine that other programs had meanwhile. Above a
	// tenth the figures are in doubt.
	Others float64 `json:"others"`
	Parts  []Part  `json:"parts"`
}

// Part answers one question.
type Part struct {
	Name    string   `json:"name"` // as ONLY takes it
	Title   string   `json:"title"`
	Method  string   `json:"method"` // how it was measured
	Figures []Figure `json:"figures,omitempty"`
	Tables  []Table  `json:"tables,omitempty"`
	Plots   []Plot   `json:"plots,omitempty"`
}

// Figure is a number that is to stay as good as it was: the median of some rounds.
type Figure struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit,omitempty"` // none: a ratio
	Value  float64 `json:"value"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Rounds int     `json:"rounds"`
	Least  *Aim    `json:"least,omitempty"` // it is to be at least so much
	Most   *Aim    `json:"most,omitempty"`  // or at most
	// Bound is set for a figure whose size says nothing more once its aim is met.
	Bound bool `json:"bound,omitempty"`
}

// Aim is what a figure is to reach.
type Aim float64

// AtLeast and AtMost make an aim.
func AtLeast(v float64) *Aim { a := Aim(v); return &a }

// AtMost is the most that a figure is to be.
func AtMost(v float64) *Aim { return AtLeast(v) }

// Of makes a figure of the values of several rounds. It panics without any.
func Of(name, unit string, values ...float64) Figure {
	sorted := slices.Sorted(slices.Values(values))
	return Figure{
		Name: name, Unit: unit, Rounds: len(sorted),
		Value: Median(sorted), Low: sorted[0], High: sorted[len(sorted)-1],
	}
}

// Median returns the middle one of ascending values, of an even number the lower of two.
func Median(sorted []float64) float64 { return sorted[(len(sorted)-1)/2] }

// Met tells whether the figure reaches its aim; it does where it has none.
func (f Figure) Met() bool {
	return (f.Least == nil || f.Value >= float64(*f.Least)) && (f.Most == nil || f.Value <= float64(*f.Most))
}

// Aims says what the figure is to reach.
func (f Figure) Aims() string {
	switch {
	case f.Least != nil:
		return fmt.Sprintf("at least %g", float64(*f.Least))
	case f.Most != nil:
		return fmt.Sprintf("at most %g", float64(*f.Most))
	}
	return ""
}

// String writes the figure and its spread.
func (f Figure) String() string {
	s := Number(f.Value)
	if f.Rounds > 1 {
		s += fmt.Sprintf(" (%s–%s)", Number(f.Low), Number(f.High))
	}
	if f.Unit != "" {
		s += " " + f.Unit
	}
	return s
}

// Number writes v with three digits.
func Number(v float64) string {
	switch {
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10 || v <= -10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// Table is what figures and curves have no room for.
type Table struct {
	Title   string     `json:"title"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Plot is some curves over one axis.
type Plot struct {
	Name  string  `json:"name"` // of the file, without its ending
	Title string  `json:"title"`
	X     string  `json:"x"`
	Y     string  `json:"y"`
	Log   bool    `json:"log"` // the Y axis is by powers of ten
	Lines []Curve `json:"lines"`
}

// Curve is the points of one thing, from left to right.
type Curve struct {
	Name   string       `json:"name"`
	Points [][2]float64 `json:"points"`
}

// file is where a result lies in a folder, and index the page of it.
const (
	file  = "proof.json"
	index = "proof.html"
)

// Read returns what was recorded in a folder.
func Read(dir string) (Result, error) {
	var r Result
	data, err := os.ReadFile(filepath.Join(dir, file)) //nolint:gosec // the folder is named by whoever measures
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(data, &r)
}

// Write puts the result, its drawings and its page into a folder. Parts that it does
// not have are kept from what lies there, so one part can be measured again.
func (r Result) Write(dir string) error {
	if old, err := Read(dir); err == nil {
		r.Parts = merge(old.Parts, r.Parts)
	}
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	files := map[string][]byte{file: append(data, '\n')}
	for _, p := range r.Parts {
		for _, plot := range p.Plots {
			files[plot.Name+".svg"] = plot.SVG()
		}
	}
	if files[index], err = r.page(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // it is to be read
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil { //nolint:gosec // it is to be read
			return err
		}
	}
	return nil
}

// merge returns the old parts with the new ones in their places, and those that are
// only new behind them.
func merge(old, with []Part) []Part {
	merged := slices.Clone(old)
	for _, p := range with {
		i := slices.IndexFunc(merged, func(o Part) bool { return o.Name == p.Name })
		if i < 0 {
			merged = append(merged, p)
		} else {
			merged[i] = p
		}
	}
	return merged
}
