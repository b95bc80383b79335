package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// module writes files and checks them.
func module(t *testing.T, files map[string]string) []error {
	t.Helper()
	folder := t.TempDir()
	files["go.mod"] = "module example\n\ngo 1.26\n"
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	packages, err := list(folder)
	if err != nil {
		return []error{err}
	}
	c := newChecker(packages)
	for _, p := range packages {
		if p.own() {
			c.check(p.ImportPath)
		}
	}
	return c.wrong
}

func TestWhatCompilesAndWhatDoesNot(t *testing.T) {
	const good = "package example\n\nimport \"sync\"\n\nfunc F() error { var m sync.Mutex; m.Lock(); return nil }\n"
	for name, c := range map[string]struct {
		file, test, want string
	}{
		"all well":               {good, "package example\n\nvar _ = F()\n", ""},
		"a test from outside":    {good, "package example_test\n\nimport \"example\"\n\nvar _ = example.F()\n", ""},
		"a wrong type":           {"package example\n\nfunc F() int { return \"\" }\n", "package example\n", "cannot use \"\""},
		"a wrong type in a test": {good, "package example\n\nvar _ = G()\n", "undefined: G"},
		"a field that is gone":   {"package example\n\nimport \"sync\"\n\nvar X = sync.Pool{Gone: 1}\n", "package example\n", "unknown field Gone"},
		"an unused import":       {"package example\n\nimport \"sync\"\n", "package example\n", "imported and not used"},
		"no Go at all":           {"package example\n\nfunc {\n", "package example\n", "expected"},
		"nobody's import":        {"package example\n\nimport \"example/nothing\"\n\nvar _ = nothing.X\n", "package example\n", "go list"},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := module(t, map[string]string{"a.go": c.file, "a_test.go": c.test})
			switch {
			case c.want == "" && len(wrong) > 0:
				t.Error(wrong)
			case c.want != "" && (len(wrong) == 0 || !strings.Contains(wrong[0].Error(), c.want)):
				t.Errorf("%v, want %q", wrong, c.want)
			}
		})
	}
}
