package check

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var proof = regexp.MustCompile("`([a-z0-9/]+): ((?:Test|Fuzz)[^`]*)`")

// A page that points at tests which are gone would say that controls are tested.
func TestTheThreatModelNamesTestsThatExist(t *testing.T) {
	page, err := os.ReadFile("../../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	named := proof.FindAllStringSubmatch(string(page), -1)
	if len(named) < 40 {
		t.Fatalf("only %d proofs were found", len(named))
	}
	for _, p := range named {
		all := testsOf(t, p[1])
		for name := range strings.SplitSeq(p[2], ", ") {
			if !strings.Contains(all, "\nfunc "+name+"(") {
				t.Errorf("%s has no %s", p[1], name)
			}
		}
	}
	for line := range strings.Lines(string(page)) {
		row := strings.HasPrefix(line, "| ") && strings.Count(line, "|") == 5 && !strings.HasPrefix(line, "| ---") && !strings.HasPrefix(line, "| attack")
		if row && !proof.MatchString(line) && !strings.Contains(line, "no test") {
			t.Errorf("nothing shows this, and the page does not say so: %s", line)
		}
	}
}

// testsOf is the source of a package's tests.
func testsOf(t *testing.T, pkg string) string {
	t.Helper()
	files, err := filepath.Glob("../../" + pkg + "/*_test.go")
	if err != nil || len(files) == 0 {
		t.Errorf("%s has no tests", pkg)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
