package policy

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/portcullis-ai/portcullis/guard"
)

// Whatever a policy file holds, it is refused, or a planned check that failed does not
// let a text pass.
func FuzzPolicyFile(f *testing.F) {
	files, err := fs.Glob(Builtin(), "*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(Builtin(), file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	for _, seed := range []string{"", "extends: own\n", "extends: balanced\non_failure: allow\n", "a: &a [*a]\n", "limits: {tokens: {max: -1}}\n", "conditions: [{name: x, when: 'tokens() > 1', then: block}]\n"} {
		f.Add(seed)
	}
	env := testEnv(nil)
	env.Engines = nil // the tests' own judges nothing
	f.Fuzz(func(t *testing.T, text string) {
		p, err := LoadFile(fstest.MapFS{"own.yaml": {Data: []byte(text)}}, "own.yaml", env)
		if err != nil {
			return
		}
		for _, check := range p.Plan(guard.Meta{}).Checks {
			var r guard.Report
			for _, c := range p.Plan(guard.Meta{}).Checks {
				state := guard.Completed
				if c == check {
					state = guard.Failed
				}
				r.Checks = append(r.Checks, guard.CheckReport{Check: c, State: state, Inspection: guard.Inspection{Coverage: 1}})
			}
			if d := p.Decide(r).Decision; d == guard.Allow {
				t.Errorf("%s failed, and the text passes", check)
			}
		}
	})
}
