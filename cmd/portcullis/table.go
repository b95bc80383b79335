package main

import (
	"io"
	"strings"
	"unicode/utf8"
)

// An ink colours a cell on terminals.
type ink string

const (
	plain  ink = ""
	bold   ink = "1"
	dim    ink = "2"
	red    ink = "1;31"
	yellow ink = "33"
	green  ink = "1;32"
	blue   ink = "34"
)

// cell is a piece of text and how it is shown.
type cell struct {
	text  string
	ink   ink
	right bool // aligned to the right, as numbers are
}

// table lays out rows in columns two spaces apart. Colours are added after the
// padding, so that they don't count as width.
type table struct {
	rows [][]cell
}

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

// write prints every row behind indent. The last column is not padded.
func (t *table) write(w io.Writer, indent string, color bool) error {
	widths := t.widths()
	var b strings.Builder
	for _, row := range t.rows {
		b.WriteString(indent)
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text))
			if c.right {
				b.WriteString(pad)
			}
			b.WriteString(paint(c.text, c.ink, color))
			if i == len(row)-1 {
				break
			}
			if !c.right {
				b.WriteString(pad)
			}
			b.WriteString("  ")
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	return widths
}

func paint(s string, i ink, color bool) string {
	if !color || i == plain || s == "" {
		return s
	}
	return "\x1b[" + string(i) + "m" + s + "\x1b[0m"
}
