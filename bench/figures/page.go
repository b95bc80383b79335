package figures

import (
	"bytes"
	_ "embed" // the page
	"html/template"
)

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"svg": func(p Plot) template.HTML { return template.HTML(p.SVG()) }, //nolint:gosec // SVG escapes what it is given
}).Parse(pageHTML))

// page shows the result to a person: one file, nothing is fetched.
func (r Result) page() ([]byte, error) {
	var b bytes.Buffer
	err := page.Execute(&b, r)
	return b.Bytes(), err
}

// OthersPercent is Others for people.
func (r Result) OthersPercent() float64 { return 100 * r.Others }
