package guard

import (
	"iter"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard/decode"
)

// Payload is a text that another one hides: encoded, or to be read another way.
type Payload struct {
	*Text // prepared like any other; spans count from its own first byte
	// Kind is how it was hidden, the innermost way if there are several.
	Kind decode.Kind
	// Language says that it reads like language, so that a model may read it.
	Language bool
	// How names all the ways, the outermost first: "hex in base64".
	How string

	in      *Payload // that holds this one; nil: the text itself
	holder  *Text
	reading decode.Reading
}

// maxDepth is how many encodings within each other are decoded.
const maxDepth = 3

// The budget for what all payloads of a text come to, in bytes: so much whatever
// the text, and so much for each byte of it.
const (
	payloadBytes   = 64 << 10
	payloadPerByte = 2
)

// Payloads returns what t hides, and whether that is all: it is not if there is
// more than the budget allows, or something is encoded more than maxDepth times.
//
// The first call does the work, linear in the text and bounded by the budget;
// the others share what it found.
func (t *Text) Payloads() (found []*Payload, all bool) {
	t.decode()
	return t.payloads, !t.undecoded
}

func (t *Text) decode() {
	t.decoding.Do(func() {
		budget := decode.Budget{Bytes: payloadBytes + payloadPerByte*len(t.Raw)}
		u := unpacker{budget: &budget}
		t.open = t.received(u.unpack(t, nil))
		for i := 0; i < len(u.found); i++ { //nolint:intrange // it grows: what is found is looked into in its turn
			u.unpack(u.found[i].Text, u.found[i])
		}
		t.payloads, t.undecoded = u.found, budget.Spent || u.deep
	})
}

// unpacker decodes a text and what it finds in it.
type unpacker struct {
	budget *decode.Budget
	found  []*Payload
	deep   bool // something is encoded more often than it was decoded
}

func (u *unpacker) unpack(t *Text, in *Payload) decode.Tail {
	readings, tail := decode.Find(decode.Views{Raw: t.Raw, Clean: t.Clean.Text, Folded: t.Folded.Text}, u.budget)
	for _, r := range readings {
		p := &Payload{Kind: r.Kind, Language: r.Language, How: how(r.Kind, in), in: in, holder: t, reading: r}
		switch {
		case in.barren(r.Kind):
			continue
		case in != nil && !p.decodes():
			continue
		case in.depth() == maxDepth:
			u.deep = u.deep || !r.Kind.Keyless() && (r.Kind != decode.Escapes || r.Language)
			continue
		}
		var err error
		if p.Text, err = Prepare(r.Text); err != nil { // it grows beyond all measure when it is normalised
			u.budget.Spent = true
			continue
		}
		u.found = append(u.found, p)
	}
	return tail
}

// barren reports whether readings of kind k are not looked for in the payload. What
// was read without a key holds no encoding, which needs every character as it was,
// and few of its other readings are of something that somebody hid.
func (p *Payload) barren(k decode.Kind) bool {
	if p == nil || !p.Kind.Keyless() {
		return false
	}
	return !k.Keyless() || p.Kind == k || p.in != nil && p.in.Kind.Keyless()
}

func (p *Payload) depth() int {
	if p == nil {
		return 0
	}
	return 1 + p.in.depth()
}

func how(k decode.Kind, in *Payload) string {
	if in == nil {
		return k.String()
	}
	return k.String() + " in " + in.How
}

// Outer returns the bytes of the text as received that hide the range s of the
// payload. It is not ok if the range says nothing that is not said as plainly
// there, or joins what stands apart.
func (p *Payload) Outer(s Span) (_ Span, ok bool) {
	from, to, ok := p.reading.Source(s.Start, s.End)
	if !ok {
		return Span{}, false
	}
	s = p.source(from, to)
	if p.in == nil {
		return s, true
	}
	return p.in.Outer(s)
}

// Reach returns the bytes of the text as received that the range s of the payload
// reaches over, whatever they say.
func (p *Payload) Reach(s Span) Span {
	for ; p != nil; p = p.in {
		from, to, _ := p.reading.Source(s.Start, s.End)
		s = p.source(from, to)
	}
	return s
}

// Place returns the bytes of the text as received that hide the first stretch of
// the payload. It is not ok if nothing of it is hidden there, but stands in what
// surrounds the payload that it was found in.
func (p *Payload) Place() (_ Span, ok bool) {
	for start, end := range p.reading.Stretches() {
		if s, ok := p.Outer(Span{Start: start, End: end}); ok {
			return s, true
		}
	}
	return Span{}, false
}

func (p *Payload) decodes() bool {
	_, ok := p.Place()
	return ok
}

// Groups yields the parts of the text as received that hide something together,
// with the context that is read together with them. A payload that was found in
// another one has none of its own.
func (p *Payload) Groups() iter.Seq[Span] {
	return func(yield func(Span) bool) {
		if p.in != nil {
			return
		}
		for from, to := range p.reading.Groups() {
			if !yield(p.source(from, to)) {
				return
			}
		}
	}
}

// source returns where [from, to) of the view that was read stands in the text that
// holds the payload, whole characters of it: what a reading puts between stretches
// stands for the last byte of the one before.
func (p *Payload) source(from, to int) Span {
	switch t := p.holder; p.reading.View {
	case decode.Clean:
		return t.Clean.Span(wholeCharacters(t.Clean.Text, from, to))
	case decode.Folded:
		return t.Folded.Span(wholeCharacters(t.Folded.Text, from, to))
	default:
		return t.RawSpan(wholeCharacters(t.Raw, from, to))
	}
}

func wholeCharacters(text string, from, to int) (start, end int) {
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	return from, to
}
