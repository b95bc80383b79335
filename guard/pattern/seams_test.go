package pattern_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/pattern"
)

// TestSanitisedTextsAreClean joins the examples of all rules with a placeholder
// in every pair, replaces what is found, and finds nothing more: neither at the
// seams, nor in what was left. Sparsely, the pairs of one example lie between those of
// the next.
func TestSanitisedTextsAreClean(t *testing.T) {
	t.Parallel()
	rules, err := pattern.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	placeholders := pattern.Placeholders(rules)
	var examples []string
	var replace []pattern.Rule // the others find nothing that gives way
	for _, r := range rules {
		if placeholders[r.ID] != "" {
			replace = append(replace, r)
			examples = append(examples, r.Hits...)
			if r.ID != "sensitive.ip-address" { // its misses begin with words that a token in front may take in
				examples = append(examples, r.Misses...)
			}
		}
	}
	c, every := check(t, replace...), pattern.Sparsely(6)
	joints := []string{" ", "-", ".", "@"}
	for i, a := range examples {
		for j, b := range examples {
			if (i+j)%every != 0 {
				continue
			}
			for _, joint := range []string{"", joints[(i+j/every)%len(joints)]} {
				raw := a + joint + b
				clean := sanitised(raw, inspect(t, c, raw), placeholders)
				for _, f := range inspect(t, c, clean) {
					if placeholders[f.Rule] != "" {
						t.Errorf("%s: %q of %q, sanitised from %q", f.Rule, clean[f.Span.Start:f.Span.End], clean, raw)
					}
				}
			}
		}
	}
}

// sanitised replaces findings as policies do: one placeholder for all that
// overlap, that of the highest score.
func sanitised(raw string, findings []guard.Finding, placeholders map[string]string) string {
	slices.SortStableFunc(findings, func(a, b guard.Finding) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	var out strings.Builder
	done, score := 0, 0.0
	last := ""
	for _, f := range findings {
		if placeholders[f.Rule] == "" {
			continue
		}
		if f.Span.Start >= done {
			out.WriteString(last + raw[done:f.Span.Start])
			score = 0
		}
		if f.Score > score {
			last, score = placeholders[f.Rule], f.Score
		}
		done = max(done, f.Span.End)
	}
	return out.String() + last + raw[done:]
}
