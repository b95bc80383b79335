package pattern

import (
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// open reports whether what follows the segment may change where a finding ends.
// That of most rules ends with a word, which the segment knows how to wait for; a
// quoted value goes on to its closing quote, and a key to its END line.
func (s *segment) open(f guard.Finding) bool {
	clean := s.text.Clean
	text, start, end := clean.Text, clean.Offset(f.Span.Start), clean.Offset(f.Span.End)
	switch s.judged[f.Rule] {
	case "value":
		quoted := start > 0 && strings.IndexByte("\"'`", text[start-1]) >= 0
		closed := quoted && end < len(text) && (text[end] == '\\' || text[end] == text[start-1] && text[end-1] != '\\')
		return quoted && !closed && strings.IndexByte(text[end:], '\n') < 0
	case "pem":
		return !strings.HasSuffix(text[:end], pemDashes) && len(text)-start < pemBlock+pemHeader+MaxMatch
	}
	return false
}
