package check

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	uses     = regexp.MustCompile(`uses: (\S+)@(\S+)`)
	byCommit = regexp.MustCompile(`uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	exact    = regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
)

// What is not pinned by commit is pinned to an exact version, and docs/security.md owns up to it.
func TestActionsArePinned(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("workflows: %q, %v", files, err)
	}
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, toPin, ok := strings.Cut(string(page), "## Still to pin")
	if !ok {
		t.Fatal("docs/security.md has no section \"Still to pin\"")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimRight(line, "\n")
			parts := uses.FindStringSubmatch(line)
			if parts == nil || byCommit.MatchString(line) {
				continue
			}
			if !exact.MatchString(parts[2]) || !strings.Contains(toPin, "`"+parts[1]+"@"+parts[2]+"`") {
				t.Errorf("%s: %s is neither pinned by commit nor listed in docs/security.md", filepath.Base(file), strings.TrimSpace(line))
			}
		}
	}
}

// A token that can write is asked for by the job that writes.
func TestWorkflowsMayReadOnlyByDefault(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "\npermissions:\n  contents: read\n\n") {
			t.Errorf("%s: the permissions of the whole are not contents: read alone", filepath.Base(file))
		}
		if strings.Contains(string(text), "pull_request_target") {
			t.Errorf("%s runs strangers' code with our secrets", filepath.Base(file))
		}
	}
}
