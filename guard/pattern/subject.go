package pattern

import "github.com/portcullis-ai/portcullis/guard"

// subject is a text with the places where matches may begin in its views.
type subject struct {
	text    *guard.Text
	payload *guard.Payload // whose text it is; nil: a text as received
	how     string         // what messages say of the payload
	views   [viewCount]string
	candidates
	smoothed smoothed   // the folded text once more
	again    candidates // in it
	doubt    judge      // of its matches
}

func newSubject(matchers int) *subject {
	s := &subject{candidates: candidates{begins: make([][]begin, matchers)}, again: candidates{begins: make([][]begin, matchers)}}
	s.doubt = func(_ string, m match) (match, int, bool) {
		_, ok := s.smoothed.place(m)
		return verdict(m, ok)
	}
	return s
}

// read takes the views of a text.
func (s *subject) read(t *guard.Text) {
	s.text = t
	s.views = [viewCount]string{Folded: t.Folded.Text, Clean: t.Clean.Text, Raw: t.Raw}
}

// release keeps nothing of the text.
func (s *subject) release() {
	s.text, s.payload, s.how, s.views = nil, nil, "", [viewCount]string{}
	s.smoothed.release()
	s.clear()
	s.again.clear()
}

// judges reports whether the rule has a say about the text. Of what was read without
// a key only words count: digits and signs are not what somebody wrote.
func (s *subject) judges(r *Rule) bool {
	return s.payload == nil || !s.payload.Kind.Keyless() || r.View == Folded
}

// span returns where a match in a view stands in the text as received. It is not ok
// if it stands there as plainly, or is no match but of things that stand apart.
func (s *subject) span(v View, m match) (span guard.Span, ok bool) {
	span = v.span(s.text, m.start, m.end)
	if s.payload == nil {
		return span, true
	}
	return s.payload.Outer(span)
}

// span returns where [start, end) of the view stands in the text as received.
func (v View) span(t *guard.Text, start, end int) guard.Span {
	switch v {
	case Folded:
		return t.Folded.Span(start, end)
	case Clean:
		return t.Clean.Span(start, end)
	default:
		return t.RawSpan(start, end)
	}
}

func isDigit(c byte) bool { return c-'0' < 10 }
