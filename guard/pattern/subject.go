package pattern

import (
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/decode"
)

// subject is a text with the places where matches may begin in its views.
type subject struct {
	text    *guard.Text
	payload *guard.Payload // whose text it is; nil: a text as received
	how     string         // what messages say of the payload
	proven  bool           // in its clean text only what proves itself counts
	views   [viewCount]string
	places  [viewCount][]place
	candidates
	smoothed smoothed   // the folded text once more
	again    candidates // in it
	doubt    judge      // of its matches
}

func newSubject(matchers int) *subject {
	s := &subject{candidates: candidates{begins: make([][]begin, matchers)}, again: candidates{begins: make([][]begin, matchers), strong: true}}
	s.doubt = func(_ string, m match) (match, int, bool) {
		_, ok := s.smoothed.place(m)
		return verdict(m, ok)
	}
	return s
}

// read takes the views of a text, p's unless that is nil. Of what was read without a
// key only words count: digits and signs are not what somebody wrote. But where lines were
// joined or letters turned they are, if they prove themselves.
func (s *subject) read(t *guard.Text, p *guard.Payload) {
	s.text, s.payload = t, p
	s.views = [viewCount]string{Folded: t.Folded.Text, Clean: t.Clean.Text, Raw: t.Raw}
	if p == nil {
		return
	}
	if s.how = ", hidden as " + p.How; p.Kind.Keyless() {
		s.views[Raw], s.proven = "", true
		if p.Kind != decode.Broken && p.Kind != decode.Turned {
			s.views[Clean] = ""
		}
	}
}

// mostPlaces is how many places the memory is kept for, some for each byte of a long
// prompt.
const mostPlaces = 16 << 10

// release keeps nothing of the text.
func (s *subject) release() {
	s.text, s.payload, s.how, s.proven, s.views = nil, nil, "", false, [viewCount]string{}
	for v := range s.places {
		if cap(s.places[v]) > mostPlaces {
			s.places[v] = nil
		}
	}
	s.smoothed.release()
	s.clear()
	s.again.clear()
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
