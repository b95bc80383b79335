package article

import (
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

const (
	replacement = "[FILTERED]"
	preface     = "Please respond to the following user query: "
)

// Sanitize replaces what the patterns match and puts the preface in front. Each
// pattern reads what the one before it left, so it goes by the text, not by the
// report's spans, and nobody looks at the outcome again. It never fails.
func (*Policy) Sanitize(raw string, _ guard.Report) (guard.Redaction, error) {
	text := fold(raw)
	for _, p := range patterns {
		if hits := p.re.FindAllStringIndex(text.text, -1); hits != nil {
			raw = replace(raw, text, hits)
			text = fold(raw)
		}
	}
	return guard.Redaction{Text: preface + raw}, nil
}

// replace puts the replacement where text, which is raw folded, has hits.
func replace(raw string, text folded, hits [][]int) string {
	var out strings.Builder
	done := 0
	for _, h := range hits {
		start, end := text.raw(h[0], h[1])
		out.WriteString(raw[done:start])
		out.WriteString(replacement)
		done = end
	}
	out.WriteString(raw[done:])
	return out.String()
}
