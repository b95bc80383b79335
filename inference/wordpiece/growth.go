package wordpiece

import "github.com/portcullis-ai/portcullis/inference"

// growth implements inference.Growth. It keeps the pieces of the windows that are
// open, as far as they are settled, and reads the text on from the word that was
// last when it was called before.
type growth struct {
	tokenizer *Tokenizer
	first     int // the number of the first open window
	ids       []int32
	marks     []mark // of its pieces and those behind, all before settled
	settled   int    // bytes of the text
}

// Grow follows a text that is being written.
func (t *Tokenizer) Grow() inference.Growth { return &growth{tokenizer: t} }

// Settled is where the last word begins.
func (g *growth) Settled() int { return g.settled }

// Encode implements inference.Growth. A window is closed once a settled piece
// stands behind it.
func (g *growth) Encode(text string) (windows []inference.Encoding, closed int) {
	s, c := g.tokenizer.scan(text), g.tokenizer.cutter
	s.wantMarks = true
	s.ids, s.marks = append(s.ids, g.ids...), append(s.marks, g.marks...)
	s.run(g.settled)
	windows = c.cut(text, g.first, s.ids, s.marks)
	sure := settledBefore(s.marks, s.open)
	for closed*c.stride+c.content < sure {
		closed++
	}
	from := closed * c.stride
	g.ids, g.marks = append(g.ids[:0], s.ids[from:sure]...), append(g.marks[:0], s.marks[from:sure]...)
	g.first, g.settled = g.first+closed, s.open
	g.tokenizer.release(s)
	return windows, closed
}

// settledBefore returns how many pieces begin before the offset. One character may
// be a word and the beginning of the next: it is read again.
func settledBefore(marks []mark, offset int) int {
	n := len(marks)
	for n > 0 && marks[n-1].start() >= offset {
		n--
	}
	return n
}
