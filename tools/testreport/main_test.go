package main

import (
	"strings"
	"testing"
)

const run = `{"Action":"start","Package":"p/a"}
{"Action":"run","Package":"p/a","Test":"TestGood"}
{"Action":"output","Package":"p/a","Test":"TestGood","Output":"=== RUN   TestGood\n"}
{"Action":"pass","Package":"p/a","Test":"TestGood","Elapsed":0.1}
{"Action":"output","Package":"p/a","Test":"TestGPU","Output":"    a_test.go:9: no GPU\n"}
{"Action":"output","Package":"p/a","Test":"TestGPU","Output":"--- SKIP: TestGPU (0.00s)\n"}
{"Action":"skip","Package":"p/a","Test":"TestGPU","Elapsed":0}
{"Action":"pass","Package":"p/a","Elapsed":0.2}
{"Action":"skip","Package":"p/none","Elapsed":0}
`

func TestReport(t *testing.T) {
	tests := map[string]struct {
		in     string
		want   []string
		passed bool
	}{
		"all good": {run, []string{
			"ok    p/a", "-     p/none", "p/a TestGPU: a_test.go:9: no GPU\n",
			"PASSED: 1 tests passed, 0 failed, 1 skipped; 1 packages passed, 0 failed, 1 without tests\n",
		}, true},
		"a test fails": {run + `{"Action":"output","Package":"p/b","Test":"TestBad","Output":"    b_test.go:3: no\n"}
{"Action":"fail","Package":"p/b","Test":"TestBad","Elapsed":0}
{"Action":"fail","Package":"p/b","Elapsed":0}
`, []string{"FAIL p/b TestBad\n        b_test.go:3: no\n", "FAILED: 1 tests passed, 1 failed"}, false},
		"cases fail and are skipped": {run + `{"Action":"output","Package":"p/b","Test":"TestAll/one","Output":"    b_test.go:3: no\n"}
{"Action":"fail","Package":"p/b","Test":"TestAll/one","Elapsed":0}
{"Action":"output","Package":"p/b","Test":"TestAll/two","Output":"    b_test.go:4: slow\n"}
{"Action":"skip","Package":"p/b","Test":"TestAll/two","Elapsed":0}
{"Action":"output","Package":"p/b","Test":"TestAll/three","Output":"    b_test.go:4: slow\n"}
{"Action":"skip","Package":"p/b","Test":"TestAll/three","Elapsed":0}
{"Action":"fail","Package":"p/b","Test":"TestAll","Elapsed":0}
{"Action":"fail","Package":"p/b","Elapsed":0}
`, []string{
			"0.0s\n\nFAIL p/b TestAll/one\n        b_test.go:3: no\n\nskipped",
			"p/b TestAll (2 cases): b_test.go:4: slow\n",
		}, false},
		"a panic cuts a test off": {run + `{"Action":"output","Package":"p/b","Test":"TestCut","Output":"panic: oh\n"}
{"Action":"fail","Package":"p/b","Elapsed":0}
`, []string{"did not finish: TestCut\n    panic: oh\n", "1 failed, 1 without tests"}, false},
		"a build fails": {run + `{"ImportPath":"p/b","Action":"build-output","Output":"b.go:1: syntax\n"}
{"Action":"fail","Package":"p/b","Elapsed":0,"FailedBuild":"p/b"}
`, []string{"b.go:1: syntax\n", "it does not build", "FAILED"}, false},
		"go itself fails": {"go: no go.mod\n", []string{"go: no go.mod\n", "FAILED: 0 tests passed"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			r := newReport()
			if err := r.read(strings.NewReader(tt.in), &out); err != nil {
				t.Fatal(err)
			}
			r.close(&out)
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the report lacks %q:\n%s", want, out.String())
				}
			}
			if r.passed() != tt.passed {
				t.Errorf("passed = %t, want %t", r.passed(), tt.passed)
			}
		})
	}
}
