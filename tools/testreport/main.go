// Command testreport reads `go test -json` on standard input, prints the result of each
// package as it comes and closes with what a reader wants to know last: the output of
// every failed test, which tests were skipped and why, and the totals. A skipped test
// proves nothing, so it is never left out.
//
// It exits with 1 if anything failed, or if no test ran at all.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	r := newReport()
	if err := r.read(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
	r.close(os.Stdout)
	if !r.passed() {
		os.Exit(1)
	}
}

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // in place of Package when a build says something
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// key names a test, or with an empty test the package itself.
type key struct{ pkg, test string }

// skip is a test, without the names of its cases, and why it was skipped: a hundred seeds
// left out for one reason are one line.
type skip struct{ test, reason string }

type report struct {
	output   map[key][]string // of what has not ended yet
	failed   []string         // the output of each failure
	skipped  map[skip]int     // how many cases of a test were skipped for one reason
	tests    map[string]int   // by action
	packages map[string]int
}

func newReport() *report {
	return &report{output: map[key][]string{}, skipped: map[skip]int{}, tests: map[string]int{}, packages: map[string]int{}}
}

// read consumes all events. A line that is no event, which go itself writes when it
// cannot start, is passed on.
func (r *report) read(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) == nil && e.Action != "" {
				r.add(e, out)
			} else {
				fmt.Fprint(out, line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) add(e event, out io.Writer) {
	if e.Action == "build-output" {
		fmt.Fprint(out, e.Output)
		return
	}
	k := key{e.Package, e.Test}
	if e.Action == "output" {
		r.output[k] = append(r.output[k], e.Output)
		return
	}
	if e.Action != "pass" && e.Action != "fail" && e.Action != "skip" {
		return
	}
	if e.Test == "" {
		r.endPackage(e, out)
	} else {
		r.endTest(e)
	}
	delete(r.output, k)
}

func (r *report) endTest(e event) {
	r.tests[e.Action]++
	text := body(r.output[key{e.Package, e.Test}])
	name := e.Package + " " + e.Test
	switch e.Action {
	case "fail":
		if text != "" || !r.failedBelow(name) {
			r.failed = append(r.failed, "FAIL "+name+"\n"+text)
		}
	case "skip":
		test, _, _ := strings.Cut(e.Test, "/")
		r.skipped[skip{e.Package + " " + test, strings.Join(strings.Fields(text), " ")}]++
	}
}

// failedBelow reports whether a case of the test failed: the test then fails with it and
// has nothing to add.
func (r *report) failedBelow(name string) bool {
	return slices.ContainsFunc(r.failed, func(f string) bool { return strings.HasPrefix(f, "FAIL "+name+"/") })
}

func (r *report) endPackage(e event, out io.Writer) {
	r.packages[e.Action]++
	switch e.Action {
	case "pass":
		fmt.Fprintf(out, "ok    %-70s %6.1fs\n", e.Package, e.Elapsed)
	case "skip":
		fmt.Fprintf(out, "-     %-70s no tests\n", e.Package)
	case "fail":
		fmt.Fprintf(out, "FAIL  %-70s %6.1fs\n", e.Package, e.Elapsed)
		if text := r.packageFailure(e); text != "" {
			r.failed = append(r.failed, "FAIL "+e.Package+"\n"+text)
		}
	}
}

// packageFailure collects what belongs to no finished test: a build that failed, a
// panic, a race outside a test, and the tests that such an end cut off. It is empty when
// the failed tests have said it all.
func (r *report) packageFailure(e event) string {
	var b strings.Builder
	if e.FailedBuild != "" {
		b.WriteString("    it does not build; the compiler's messages are above\n")
	}
	b.WriteString(body(r.output[key{e.Package, ""}]))
	var cut []string
	for k := range r.output {
		if k.pkg == e.Package && k.test != "" {
			cut = append(cut, fmt.Sprintf("    did not finish: %s\n%s", k.test, body(r.output[k])))
			delete(r.output, k)
		}
	}
	slices.Sort(cut)
	b.WriteString(strings.Join(cut, ""))
	return b.String()
}

// body drops the lines by which the test runner frames a test's output.
func body(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		trimmed := strings.TrimSpace(line)
		framing := strings.HasPrefix(line, "=== ") || strings.HasPrefix(trimmed, "--- FAIL") ||
			strings.HasPrefix(trimmed, "--- SKIP") || trimmed == "FAIL" || trimmed == "PASS" ||
			strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "coverage:")
		if !framing && trimmed != "" {
			b.WriteString("    " + strings.TrimRight(line, "\n") + "\n")
		}
	}
	return b.String()
}

func (r *report) close(out io.Writer) {
	for _, f := range r.failed {
		fmt.Fprintf(out, "\n%s", f)
	}
	if len(r.skipped) > 0 {
		fmt.Fprintf(out, "\nskipped, so not proven here:\n")
		for _, line := range r.skips() {
			fmt.Fprintf(out, "    %s\n", line)
		}
	}
	word := "PASSED"
	if !r.passed() {
		word = "FAILED"
	}
	fmt.Fprintf(out, "\n%s: %d tests passed, %d failed, %d skipped; %d packages passed, %d failed, %d without tests\n", word,
		r.tests["pass"], r.tests["fail"], r.tests["skip"], r.packages["pass"], r.packages["fail"], r.packages["skip"])
}

func (r *report) skips() []string {
	lines := make([]string, 0, len(r.skipped))
	for s, count := range r.skipped {
		cases := ""
		if count > 1 {
			cases = fmt.Sprintf(" (%d cases)", count)
		}
		lines = append(lines, s.test+cases+": "+s.reason)
	}
	slices.Sort(lines)
	return lines
}

// passed reports whether something ran and nothing failed.
func (r *report) passed() bool {
	return r.tests["pass"] > 0 && len(r.failed) == 0 && r.packages["fail"] == 0
}
