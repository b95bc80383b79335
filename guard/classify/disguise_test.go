package classify

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

// FuzzUndisguise: whatever the text, every range of the plain text points at whole
// characters of the text as received, in order.
func FuzzUndisguise(f *testing.F) {
	for _, s := range []string{"", "abc", "sc\u043eundrel \u043f\u0440\u0438\u0432\u0435\u0442", " \u200b\u0430\u0430 \ufdfa x", "\u0430\u0430\u200d\u0430  \u3000b\u0430"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text, err := guard.Prepare(raw)
		if err != nil {
			return
		}
		p := undisguise(text)
		if (p.text == "") != (len(p.words) == 0) {
			t.Fatalf("text %q with %d words", p.text, len(p.words))
		}
		last := 0
		for i, w := range p.words {
			next := len(p.text)
			if i+1 < len(p.words) {
				next = p.words[i+1].at
			}
			s := p.span(w.at, next)
			if s.Start < last || s.End <= s.Start || s.End > len(raw) || !utf8.ValidString(raw[s.Start:s.End]) {
				t.Fatalf("word %q has span %v of %q", p.text[w.at:next], s, raw)
			}
			last = s.End
		}
		if len(p.words) > 0 && p.span(0, len(p.text)).End > len(strings.TrimRight(raw, " ")) {
			t.Fatal("the whole is longer than the text")
		}
	})
}
