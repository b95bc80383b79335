package ort

import "math/bits"

// shapes says which shapes of tensor a session makes.
//
// Each new shape costs a card memory that its arena keeps, and TensorRT a new
// engine where it lies outside those seen before, so there they are to be few. On
// the CPU there is nothing to gain: one text a tensor, at its own length.
type shapes struct {
	layout Layout
	// grouped puts a batch in one tensor; otherwise each text has its own.
	grouped bool
	// multiple is what widths are rounded up to, in tokens; 1 is exact.
	multiple int
	// steps is how many counts of rows there are from one power of two to the
	// next; 0 is every count.
	steps int
	// row is the width of packed rows, where more than one is needed.
	row int
	// longest is the longest text that the model allows.
	longest int
}

// shapesOn returns the shapes for a graph on a provider.
func shapesOn(p Provider, c Card, g Graph) shapes {
	s := shapes{layout: g.Layout, multiple: 1, row: g.MaxLength, longest: g.MaxLength}
	if !p.gpu() {
		return s
	}
	s.grouped, s.multiple, s.steps = true, c.TokenMultiple, c.RowSteps
	if c.PackedRow > 0 {
		s.row = c.PackedRow
	}
	return s
}

// width returns how wide a tensor is for texts of which the longest and all
// together have so many tokens.
func (s shapes) width(longest, sum int) int {
	if s.layout.packed() {
		return s.up(min(sum, max(longest, s.row)))
	}
	return min(s.up(longest), max(longest, s.longest))
}

func (s shapes) up(tokens int) int {
	return (tokens + s.multiple - 1) / s.multiple * s.multiple
}

// rows returns how many rows a tensor has that needs n. Packed rows are few and
// all full, so one more would cost much and spare little.
func (s shapes) rows(n int) int {
	if s.steps == 0 || n < 1 || s.layout.packed() {
		return n
	}
	power := 1 << (bits.Len(uint(n)) - 1)
	step := max(1, power/s.steps)
	return (n + step - 1) / step * step
}

// tokens returns what a batch costs in tokens: its own and the padding that
// depends on which texts are together. It grows evenly, as the batcher needs it
// to, and so leaves out what rounding rows up adds.
func (s shapes) tokens(count, longest, sum int) int {
	if !s.grouped || s.layout.packed() {
		return sum
	}
	return count * s.width(longest, sum)
}
