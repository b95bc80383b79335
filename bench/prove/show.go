package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/portcullis-ai/portcullis/bench/figures"
)

// inDoubt is the share of the machine that others may have before figures are in doubt.
const inDoubt = 0.1

// show prints a result for a terminal.
func show(out io.Writer, r figures.Result) {
	fmt.Fprintf(out, "\n%s, %s\n%s\nOther programs had %.0f %% of the processors meanwhile.\n", r.Version, r.Day, r.Machine, r.OthersPercent())
	if r.Others > inDoubt {
		fmt.Fprintln(out, "THE MACHINE WAS BUSY with other work: the figures are in doubt.")
	}
	for _, p := range r.Parts {
		fmt.Fprintf(out, "\n== %s\n", p.Title)
		rows := [][]string{}
		for _, f := range p.Figures {
			rows = append(rows, []string{f.Name, f.String(), f.Aims(), verdict(f)})
		}
		align(out, rows)
		for _, t := range p.Tables {
			fmt.Fprintf(out, "\n%s\n", t.Title)
			align(out, append([][]string{t.Columns}, t.Rows...))
		}
	}
}

func verdict(f figures.Figure) string {
	switch {
	case f.Aims() == "":
		return ""
	case f.Met():
		return "met"
	}
	return "MISSED"
}

func align(out io.Writer, rows [][]string) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, "  "+strings.Join(row, "\t"))
	}
	_ = w.Flush() // out has said what there is to say
}
