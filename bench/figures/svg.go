package figures

import (
	"bytes"
	"fmt"
	"html"
	"math"
)

// The size of a drawing, and of what lies around its curves.
const (
	width, height            = 720.0, 380.0
	left, right, top, bottom = 70.0, 20.0, 44.0, 50.0
)

// style reads well on light and on dark ground. Colours are told apart by people who
// see no red or no green (Okabe and Ito), and curves by their dashes as well.
const style = `text{font:13px ui-sans-serif,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}
.t{font-size:15px;font-weight:600}.n{fill:#57606a;font-size:12px}.g{stroke:#d0d7de;stroke-width:1}.b{fill:#fff}
.c{fill:none;stroke-width:2.2}.c0{stroke:#0072b2}.c1{stroke:#d55e00}.c2{stroke:#009e73}.c3{stroke:#cc79a7}.c4{stroke:#b58900}.c5{stroke:#6e7781}
.d0,.d1,.d2,.d3,.d4,.d5{stroke:none}.d0{fill:#0072b2}.d1{fill:#d55e00}.d2{fill:#009e73}.d3{fill:#cc79a7}.d4{fill:#b58900}.d5{fill:#6e7781}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.n{fill:#9198a1}.g{stroke:#30363d}.b{fill:#0d1117}.c0{stroke:#58a6ff}.d0{fill:#58a6ff}}`

var dashes = []string{"", "7 4", "2 4", "10 3 2 3", "4 2", "1 3"}

// drawing is a plot that is being drawn.
type drawing struct {
	bytes.Buffer
	plot Plot
	x, y axis
}

// SVG draws the plot.
func (p Plot) SVG() []byte {
	d := &drawing{plot: p, x: axisOf(p.Lines, 0, false), y: axisOf(p.Lines, 1, p.Log)}
	d.head()
	d.grid()
	for i, line := range p.Lines {
		d.curve(i%len(dashes), line)
		d.legend(i, line.Name)
	}
	d.WriteString("</svg>\n")
	return d.Bytes()
}

func (d *drawing) head() {
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" role="img" aria-label="%s"><style>%s</style>`+"\n",
		width, height+legendHeight(len(d.plot.Lines)), html.EscapeString(d.plot.Title), style)
	fmt.Fprintf(d, `<rect class="b" width="100%%" height="100%%" rx="8"/><text class="t" x="%g" y="26">%s</text>`+"\n", left, html.EscapeString(d.plot.Title))
}

// grid draws the axes with their numbers and names.
func (d *drawing) grid() {
	for _, v := range d.y.ticks() {
		y := d.py(v)
		fmt.Fprintf(d, `<path class="g" d="M%g %.1fH%g"/><text class="n" x="%g" y="%.1f" text-anchor="end">%s</text>`+"\n", left, y, width-right, left-8, y+4, mark(v))
	}
	for _, v := range d.x.ticks() {
		x := d.px(v)
		fmt.Fprintf(d, `<path class="g" d="M%.1f %gV%g"/><text class="n" x="%.1f" y="%g" text-anchor="middle">%s</text>`+"\n", x, top, height-bottom, x, height-bottom+18, mark(v))
	}
	fmt.Fprintf(d, `<text x="%g" y="%g" text-anchor="middle">%s</text>`+"\n", (left+width-right)/2, height-8, html.EscapeString(d.plot.X))
	fmt.Fprintf(d, `<text transform="translate(16 %g) rotate(-90)" text-anchor="middle">%s</text>`+"\n", (top+height-bottom)/2, html.EscapeString(d.plot.Y))
}

func (d *drawing) curve(i int, c Curve) {
	fmt.Fprintf(d, `<path class="c c%d" stroke-dasharray="%s" d="`, i, dashes[i])
	for n, p := range c.Points {
		fmt.Fprintf(d, "%c%.1f %.1f", "LM"[b(n == 0)], d.px(p[0]), d.py(p[1]))
	}
	d.WriteString(`"/>` + "\n")
	for _, p := range c.Points {
		fmt.Fprintf(d, `<circle class="d%d" cx="%.1f" cy="%.1f" r="3"><title>%s: %s, %s</title></circle>`+"\n",
			i, d.px(p[0]), d.py(p[1]), html.EscapeString(c.Name), Number(p[0]), Number(p[1]))
	}
}

func b(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// The legend stands below, two entries a row.
const legendRow = 22.0

func legendHeight(n int) float64 { return 8 + legendRow*math.Ceil(float64(n)/2) }

func (d *drawing) legend(i int, name string) {
	x, y := left+float64(i%2)*(width-left-right)/2, height+legendRow*float64(i/2)+10
	fmt.Fprintf(d, `<path class="c c%d" stroke-dasharray="%s" d="M%g %gh34"/><text x="%g" y="%g">%s</text>`+"\n",
		i%len(dashes), dashes[i%len(dashes)], x, y-4, x+42, y, html.EscapeString(name))
}

func (d *drawing) px(v float64) float64 { return left + d.x.share(v)*(width-left-right) }

func (d *drawing) py(v float64) float64 { return height - bottom - d.y.share(v)*(height-top-bottom) }
