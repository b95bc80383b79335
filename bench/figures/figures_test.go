package figures

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARegressionIsWorseThanChance(t *testing.T) {
	was := Figure{Value: 0.95, Low: 0.93, High: 0.97, Least: AtLeast(0.9)}
	for name, c := range map[string]struct {
		now  Figure
		want bool
	}{
		"the same":                     {was, false},
		"better":                       {Figure{Value: 0.99, Low: 0.98, High: 1, Least: AtLeast(0.9)}, false},
		"worse within the tolerance":   {Figure{Value: 0.90, Low: 0.90, High: 0.90, Least: AtLeast(0.9)}, false},
		"worse, rounds overlap":        {Figure{Value: 0.80, Low: 0.70, High: 0.94, Least: AtLeast(0.9)}, false},
		"worse":                        {Figure{Value: 0.80, Low: 0.79, High: 0.81, Least: AtLeast(0.9)}, true},
		"another machine, aim met":     {Figure{Value: 0.80, Low: 0.79, High: 0.81, Unit: "µs", Least: AtLeast(0.5)}, false},
		"an aim with a unit is missed": {Figure{Value: 0.80, Low: 0.79, High: 0.81, Unit: "µs", Least: AtLeast(0.9)}, true},
		"lower is better":              {Figure{Value: 0.80, Low: 0.79, High: 0.81, Most: AtMost(1)}, false},
		"higher is worse":              {Figure{Value: 1.2, Low: 1.1, High: 1.3, Most: AtMost(2)}, true},
	} {
		old := Result{Parts: []Part{{Name: "p", Figures: []Figure{was}}}}
		if c.now.Most != nil {
			old.Parts[0].Figures[0].Least, old.Parts[0].Figures[0].Most = nil, c.now.Most
		}
		_, worse := Compare(old, Result{Parts: []Part{{Name: "p", Figures: []Figure{c.now}}}})
		if got := len(worse) > 0; got != c.want {
			t.Errorf("%s: regression %v, want %v", name, got, c.want)
		}
	}
}

func TestWhatIsMeasuredAgainTakesThePlaceOfWhatWas(t *testing.T) {
	dir := t.TempDir()
	write := func(r Result) {
		t.Helper()
		if err := r.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	write(Result{Parts: []Part{{Name: "a", Title: "old"}, {Name: "b"}}})
	write(Result{Parts: []Part{{Name: "a", Title: "new <script>", Plots: []Plot{{Name: "plot", Lines: []Curve{{Points: [][2]float64{{1, 2}}}}}}}}})
	r, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Parts) != 2 || r.Parts[0].Title != "new <script>" {
		t.Errorf("%+v", r.Parts)
	}
	html, err := os.ReadFile(filepath.Join(dir, index))
	if err != nil || strings.Contains(string(html), "<script>") {
		t.Errorf("the page does not escape what it shows (%v)", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "plot.svg")); err != nil {
		t.Error(err)
	}
}

func TestDrawingsAreXMLWithEveryPoint(t *testing.T) {
	for _, log := range []bool{false, true} {
		p := Plot{Title: `a < b & "c"`, Log: log, Lines: []Curve{{Name: "<x>", Points: [][2]float64{{0, 0}, {0.5, 3}, {1, 250}}}, {Name: "none"}}}
		circles := 0
		for d := xml.NewDecoder(strings.NewReader(string(p.SVG()))); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
				circles++
				for _, a := range e.Attr {
					if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
						t.Errorf("log %v: %s", log, a.Value)
					}
				}
			}
		}
		if circles != 3 {
			t.Errorf("log %v: %d points, want 3", log, circles)
		}
	}
}

func TestAFigureIsTheMedianOfItsRounds(t *testing.T) {
	if f := Of("x", "µs", 3, 1, 2); f.Value != 2 || f.Low != 1 || f.High != 3 || f.String() != "2.00 (1.00–3.00) µs" {
		t.Errorf("%+v %s", f, f)
	}
}
