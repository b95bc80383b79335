package pattern

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/portcullis-ai/portcullis/guard"
)

// Whatever a rule file holds, it is refused with its name, or its rules do what their
// examples say, and what they find in a text lies in the text.
func FuzzRuleFile(f *testing.F) {
	names, err := fs.Glob(builtin, "rules/*.yaml")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		data, err := builtin.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		first, _, _ := strings.Cut(string(data), "\n\n  - ") // one rule is quick to change and to prove
		f.Add(first)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := Load(fstest.MapFS{"own.yaml": {Data: []byte(text)}})
		if err == nil {
			var c *Check
			if c, err = New(rules); err == nil {
				inspectOwn(t, c, rules, text)
			}
		}
		if err != nil && !strings.HasPrefix(err.Error(), "own.yaml:") {
			t.Errorf("who is to mend it is not told where: %v", err)
		}
	})
}

// inspectOwn asks the rules about their examples and about the file that they are from.
func inspectOwn(t *testing.T, c *Check, rules []Rule, file string) {
	t.Helper()
	texts := []string{file}
	for _, r := range rules {
		texts = append(texts, append(r.Hits, r.Misses...)...)
	}
	for _, raw := range texts {
		text, err := guard.Prepare(raw)
		if err != nil {
			continue // of more or other bytes than a text may have
		}
		in, err := c.Inspect(t.Context(), text)
		if err != nil || in.Coverage != 1 {
			t.Fatalf("%q: %v, %v seen", raw, err, in.Coverage)
		}
		for _, found := range in.Findings {
			if found.Span.Start < 0 || found.Span.Start >= found.Span.End || found.Span.End > len(raw) {
				t.Errorf("%q: %s at %v", raw, found.Rule, *found.Span)
			}
		}
	}
}
