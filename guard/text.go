package guard

import (
	"sort"
	"sync"
)

// Text is a text prepared for checking: three views, each with an exact map
// back to the bytes as received, and what it hides. It is shared by all checks and
// never changes.
type Text struct {
	// Raw is the text as received. The classifier and the token count read it.
	Raw string
	// Clean is Raw in NFKC without format, control and other invisible
	// characters, case and spacing kept. Secrets and personal data are looked for
	// here.
	Clean View
	// Folded is Clean with non-ASCII confusables mapped to ASCII (never ASCII
	// itself), in lower case, runs of white space squeezed to one space.
	// Injection rules read it.
	Folded View
	// Base is where Raw begins in the text that spans count from. It is 0 unless
	// the text is a segment of a growing one.
	Base int

	decoding  sync.Once
	payloads  []*Payload
	undecoded bool
	open      int // from where on a payload may be open
}

// RawSpan is the span of bytes [start, end) of Raw, counted from Base.
func (t *Text) RawSpan(start, end int) Span {
	return Span{Start: t.Base + start, End: t.Base + end}
}

// View is a rewritten text that knows where each of its bytes came from.
type View struct {
	Text string
	base int
	runs []run // sorted by view; empty when byte i came from byte i of the raw text
}

// run maps view bytes from view up to the next run's to raw bytes [raw, end).
// A hostile text has a run for every other byte, so runs are kept small: Prepare
// takes no text of 4 GiB.
type run struct {
	view, raw, end uint32
	same           bool // byte i of the run came from byte raw+i; end says nothing
}

// Span returns the bytes of the text as received that produced [start, end) of
// the view. Characters dropped inside the range are part of it, those at its
// edges are not. The range must not be empty, and must not split a code point.
func (v View) Span(start, end int) Span {
	if len(v.runs) == 0 {
		return Span{Start: v.base + start, End: v.base + end}
	}
	first, last := v.runAt(start), v.runAt(end-1)
	from, to := int(first.raw), int(last.end)
	if first.same {
		from += start - int(first.view)
	}
	if last.same {
		to = int(last.raw) + end - int(last.view)
	}
	return Span{Start: v.base + from, End: v.base + to}
}

func (v View) runAt(pos int) run {
	i := sort.Search(len(v.runs), func(i int) bool { return int(v.runs[i].view) > pos })
	return v.runs[i-1]
}
