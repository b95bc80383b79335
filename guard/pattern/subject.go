package pattern

import "github.com/portcullis-ai/portcullis/guard"

// subject is a text with the places where matches may begin in its views.
type subject struct {
	text  *guard.Text
	views [viewCount]string
	candidates
}

// read takes the views of a text.
func (s *subject) read(t *guard.Text) {
	s.text = t
	s.views = [viewCount]string{Folded: t.Folded.Text, Clean: t.Clean.Text, Raw: t.Raw}
}

// release keeps nothing of the text.
func (s *subject) release() {
	s.text, s.views = nil, [viewCount]string{}
	s.clear()
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
