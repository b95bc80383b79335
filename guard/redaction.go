package guard

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Cut is a part of a text that gives way to a placeholder.
type Cut struct {
	Span
	Placeholder string
	Check       string // whose finding it was; it looks again at what is left
}

// Redaction is a text that stands in for another one. The engine has the checks of
// its cuts look at it again; one that was made without Redact it takes as it is.
type Redaction struct {
	Text string
	cuts []Cut
	at   []int // where the placeholder of each cut begins in Text
}

// Redact puts placeholders in the place of the cuts, which must be in order, apart
// and in the text.
func Redact(raw string, cuts []Cut) (Redaction, error) {
	var out strings.Builder
	r := Redaction{cuts: cuts, at: make([]int, len(cuts))}
	done := 0
	for i, c := range cuts {
		if c.Start < done || c.End > len(raw) || c.Len() <= 0 {
			return Redaction{}, fmt.Errorf("cut %d of %d has no place in the text", i, len(cuts))
		}
		out.WriteString(raw[done:c.Start])
		r.at[i] = out.Len()
		out.WriteString(c.Placeholder)
		done = c.End
	}
	out.WriteString(raw[done:])
	r.Text = out.String()
	return r, nil
}

// Source returns what stands for the range s of Text in the text that was redacted.
// A placeholder counts as a whole.
func (r Redaction) Source(s Span) Span {
	first, last := r.source(s.Start), r.source(s.End-1)
	return Span{Start: first.Start, End: last.End}
}

// source returns what byte i of Text stands for: a byte, or all of a cut.
func (r Redaction) source(i int) Span {
	n := sort.SearchInts(r.at, i+1) - 1 // the last cut whose placeholder begins there or before
	if n < 0 {
		return Span{Start: i, End: i + 1}
	}
	c := r.cuts[n]
	behind := i - r.at[n] - len(c.Placeholder)
	if behind < 0 {
		return c.Span
	}
	return Span{Start: c.End + behind, End: c.End + behind + 1}
}

// checks returns whose findings were cut out.
func (r Redaction) checks() []string {
	var names []string
	for _, c := range r.cuts {
		if !slices.Contains(names, c.Check) {
			names = append(names, c.Check)
		}
	}
	return names
}
