package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTheMatrixIsDocumented: docs/security.md says of every fault what happens, in the
// words of the matrix, so that it says what was tested and nothing else.
func TestTheMatrixIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	if table := matrixTable(); !strings.Contains(string(page), table) {
		t.Errorf("docs/security.md must hold this table as it is:\n%s", table)
	}
}

// matrixTable has a row for what happens alike.
func matrixTable() string {
	var page strings.Builder
	page.WriteString("| what fails | how | an honest text gets | the report names | health | metric |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, part := range parts() {
		for _, row := range rowsOf(part) {
			page.WriteString(row)
		}
	}
	return page.String()
}

func parts() (names []string) {
	for i, m := range mishaps {
		if i == 0 || m.part != mishaps[i-1].part {
			names = append(names, m.part)
		}
	}
	return names
}

// rowsOf a part, in the order in which their first fault comes.
func rowsOf(part string) (rows []string) {
	var seen []mishap
	faults := make(map[mishap][]string)
	for _, m := range mishaps {
		if m.part != part {
			continue
		}
		alike := m
		alike.fault = ""
		if len(faults[alike]) == 0 {
			seen = append(seen, alike)
		}
		faults[alike] = append(faults[alike], m.fault)
	}
	for _, m := range seen {
		rows = append(rows, m.row(strings.Join(faults[m], ", ")))
	}
	return rows
}

func (m mishap) row(faults string) string {
	health := "SERVING"
	switch {
	case m.down:
		health = "NOT_SERVING"
	case m.shows == refusedLoad:
		health = "SERVING, `portcullis.reload` NOT_SERVING"
	}
	gets := m.gets
	if m.unseen {
		gets += " once a test has found it"
	}
	shows := ""
	if m.shows != "" {
		metric, sign, _ := strings.Cut(m.shows, " ")
		if strings.Contains(metric, "{") { // a label may hold a space
			metric, sign, _ = strings.Cut(m.shows, "} ")
			metric += "}"
		}
		shows = "`" + metric + "` " + sign
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", m.part, faults, gets, m.names, health, shows)
}
