package pattern_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard/pattern"
)

// corpora lie beside the repository: other people's texts, for measuring only.
const corpora = "../../../shared/data/injection/"

// tally is what strong rules made of the texts of a set.
type tally struct {
	texts, hit int
	byRule     map[string]int
	bySource   map[string][2]int // hit, texts
}

// TestCorpora measures the strong injection rules on sets of attacks and of
// harmless texts. Rules alone are not meant to find most attacks, the model is; they
// are meant to be right. Six hundred of the attacks are ordinary requests but for
// who makes them, which no rule can know. -v lists rules and sources.
func TestCorpora(t *testing.T) {
	t.Parallel()
	attacks, harmless := measure(t, "attacks.jsonl.gz"), measure(t, "benign.jsonl.gz")
	report(t, "attacks", attacks)
	report(t, "harmless texts", harmless)
	if share := float64(harmless.hit) / float64(harmless.texts); share > 0.005 {
		t.Errorf("%.2f %% of harmless texts hit, allowed is half of one", 100*share)
	}
	if share := float64(attacks.hit) / float64(attacks.texts); share < 0.28 {
		t.Errorf("%.1f %% of attacks hit, fewer than 28", 100*share)
	}
}

func measure(t *testing.T, name string) tally {
	t.Helper()
	f, err := os.Open(corpora + name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the corpora are not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return count(t, unzipped)
}

func count(t *testing.T, rows io.Reader) tally {
	t.Helper()
	c := builtin(t)
	all := tally{byRule: make(map[string]int), bySource: make(map[string][2]int)}
	lines := bufio.NewScanner(rows)
	lines.Buffer(nil, 4<<20)
	for n := 0; lines.Scan(); n++ {
		if n%pattern.Sparsely(4) != 0 {
			continue
		}
		var row struct{ Text, Source string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rules := make(map[string]bool)
		for _, f := range inspect(t, c, row.Text) {
			if !f.Weak && strings.HasPrefix(f.Rule, "injection.") {
				rules[f.Rule] = true
			}
		}
		source := all.bySource[row.Source]
		all.texts++
		source[1]++
		if len(rules) > 0 {
			all.hit++
			source[0]++
		}
		all.bySource[row.Source] = source
		for r := range rules {
			all.byRule[r]++
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func report(t *testing.T, name string, all tally) {
	t.Helper()
	t.Logf("%s: %d of %d hit", name, all.hit, all.texts)
	for _, s := range slices.Sorted(maps.Keys(all.bySource)) {
		t.Logf("  source %-28s %4d of %4d", s, all.bySource[s][0], all.bySource[s][1])
	}
	rules := slices.SortedFunc(maps.Keys(all.byRule), func(a, b string) int {
		return cmp.Or(all.byRule[b]-all.byRule[a], strings.Compare(a, b))
	})
	for _, r := range rules {
		t.Logf("  rule   %-40s %4d", r, all.byRule[r])
	}
}
