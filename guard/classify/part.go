package classify

import (
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/inference"
)

// part is something that the model reads of a text.
type part struct {
	windows []inference.Encoding
	size    int                             // bytes of the string that the windows are of, as far as they need be scored
	span    func(start, end int) guard.Span // where a range of that string stands in the text as received
	within  bool                            // it stands for a part of the text as received
	how     string                          // what messages say of it
}

// parts returns what the model reads of a text: the text as received, whose windows
// are given; that without its disguise; and of what it hides, whatever reads like
// language, once more with and without disguise. What a model says of anything else
// means nothing.
func (c *Check) parts(t *guard.Text, raw []inference.Encoding) []part {
	parts := []part{{windows: raw, size: len(t.Raw), span: t.RawSpan}}
	parts = c.appendPlain(parts, t, raw, nil)
	payloads, _ := t.Payloads() // the check of rules tells if these are not all
	for _, p := range payloads {
		if !p.Language {
			continue
		}
		windows := c.classifier.Encode(p.Raw)
		outer := func(start, end int) guard.Span { return p.Reach(guard.Span{Start: start, End: end}) }
		parts = append(parts, part{windows: windows, size: len(p.Raw), span: outer, within: true, how: ", hidden as " + p.How})
		parts = c.appendPlain(parts, p.Text, windows, p)
	}
	return parts
}

// appendPlain appends the windows of t that read otherwise without its disguise. t
// is the text of the payload in, if there is one.
func (c *Check) appendPlain(parts []part, t *guard.Text, raw []inference.Encoding, in *guard.Payload) []part {
	plain := undisguise(t)
	windows := c.differing(plain, raw)
	if len(windows) == 0 {
		return parts
	}
	p := part{windows: windows, span: plain.span, how: " once look-alikes and hidden characters are undone"}
	for i, end := 0, 0; i < len(windows); i++ {
		p.size += max(0, windows[i].Span.End-max(end, windows[i].Span.Start))
		end = max(end, windows[i].Span.End)
	}
	p.within = p.size < len(plain.text)
	if in != nil {
		p.within, p.how = true, ", hidden as "+in.How
		p.span = func(start, end int) guard.Span { return in.Reach(plain.span(start, end)) }
	}
	return append(parts, p)
}
