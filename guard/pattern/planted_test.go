package pattern_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// TestPlantedTasks holds the rules for tasks that documents set against our own list of
// them, a third of which was written when the rules were done, and of honest sentences.
// What is missed stands there too: a rule that finds it moves it.
func TestPlantedTasks(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/planted.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := builtin(t)
	section, count := "", make(map[string]int)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		text := lines.Text()
		if name, ok := strings.CutPrefix(text, "# "); ok {
			section, _, _ = strings.Cut(name, ":")
			continue
		}
		strong, weak := 0, 0
		for _, f := range inspect(t, c, text) {
			planted := strings.HasPrefix(f.Rule, "planted.")
			if planted == f.From.Has(guard.OriginUser) || !f.From.Has(guard.OriginTool) || !f.From.Has(guard.OriginDocument) {
				t.Errorf("%s: %s speaks of texts of other origins", text, f.Rule)
			}
			switch {
			case !planted:
			case f.Weak:
				weak++
			default:
				strong++
			}
		}
		got := "none"
		switch {
		case strong > 0:
			got = "strong"
		case weak > 0:
			got = "weak"
		}
		want := section
		if section == "missed" || section == "honest" {
			want = "none"
		}
		if count[section]++; got != want {
			t.Errorf("%s: a rule finds %s, not %s", text, got, want)
		}
	}
	if fmt.Sprint(count) != "map[honest:237 missed:39 strong:98 weak:103]" {
		t.Error("docs/rules.md gives other numbers: ", count)
	}
}
