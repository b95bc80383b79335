package pattern_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard/pattern"
)

// TestDocumentedRules holds the table of docs/rules.md against the rule files.
func TestDocumentedRules(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := pattern.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	type count struct{ strong, weak int }
	files := make(map[string]count)
	for _, r := range rules {
		name, _, _ := strings.Cut(r.Source, ":")
		n := files[name]
		if r.Weak {
			n.weak++
		} else {
			n.strong++
		}
		files[name] = n
	}
	for name, n := range files {
		if row := fmt.Sprintf("| `%s` | %d | %d | ", name, n.strong, n.weak); !strings.Contains(string(page), row) {
			t.Errorf("docs/rules.md lacks the row %s", row)
		}
	}
	if n := strings.Count(string(page), ".yaml` | "); n != len(files) {
		t.Errorf("docs/rules.md has %d files, there are %d", n, len(files))
	}
}
