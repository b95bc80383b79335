package pattern_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

var evasionRow = regexp.MustCompile("(?m)^\\| ([^|`]+) \\| `([^`]+)` \\| (yes|no) \\| (?:`([^`]+)`)? ?\\|$")

// TestTableOfEvasions: the table of docs/evasions.md is true, of what is found and of
// what is not.
func TestTableOfEvasions(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/evasions.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := evasionRow.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 40 {
		t.Fatalf("%d rows", len(rows))
	}
	c := builtin(t)
	for _, row := range rows {
		text, err := strconv.Unquote(`"` + row[2] + `"`)
		if err != nil {
			t.Errorf("%s: %v", row[1], err)
			continue
		}
		findings := inspect(t, c, text)
		found := slices.ContainsFunc(findings, func(f guard.Finding) bool {
			return !f.Weak && f.Score >= 0.8 && f.Category == guard.PromptInjection
		})
		told := row[4] == "" || slices.ContainsFunc(findings, func(f guard.Finding) bool { return f.Rule == row[4] })
		if found != (row[3] == "yes") || !told {
			t.Errorf("%s: found %v, told %v: %+v", row[1], found, told, findings)
		}
	}
}
