package guard_test

import (
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// knowing is a policy that says what it was told of the text.
type knowing struct {
	fakePolicy
	seen *string
}

func (p knowing) Decide(r guard.Report) guard.Verdict {
	*p.seen = r.TextDigest
	return guard.Verdict{Decision: guard.Allow, Findings: []guard.Finding{{Check: "policy", Rule: "own", Score: 1}, {Check: "a", Rule: "of-a", Score: 1}}}
}

// TestDigestForThoseWhoAsk: a policy gets the digest of the text if it asks for it,
// and its own findings are in the result once each, whether they belong to a check or
// to none.
func TestDigestForThoseWhoAsk(t *testing.T) {
	const abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	for asks, want := range map[bool]string{true: abc, false: ""} {
		var seen string
		cfg := guard.DefaultConfig()
		cfg.DefaultPolicy = "fake"
		p := knowing{fakePolicy{plan: guard.Plan{Checks: []string{"a"}, TextDigest: asks}}, &seen}
		e, err := guard.NewEngine(cfg, []guard.Policy{p}, []guard.Check{finds("a", 0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.Validate(t.Context(), guard.Request{Text: "abc"}, nil)
		if err != nil || seen != want || r.Report.TextDigest != want {
			t.Errorf("asks %v: the policy saw %q, the report has %q, %v", asks, seen, r.Report.TextDigest, err)
		}
		if len(r.Findings) != 2 || r.Findings[0].Rule != "of-a" || r.Findings[1].Rule != "own" || len(r.Report.Checks[0].Findings) != 1 {
			t.Errorf("findings are %+v", r.Findings)
		}
	}
}
