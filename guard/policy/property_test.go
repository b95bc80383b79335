package policy

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// Properties that no policy file may break, on random reports. The seed is fixed:
// a failure comes back.

// randomFinding draws from few rules and scores, so that they meet often.
func randomFinding(r *rand.Rand) guard.Finding {
	scores := []float64{0, 0.1, 0.3, 0.35, 0.5, 0.7, 0.8, 0.9, 1, r.Float64()}
	ids := []string{"a", "b", "c", "pii.email", "pii.phone", "secret.aws", "toxic-bert/toxic", "toxic-bert/obscene", "toxic-bert/injection"}
	f := guard.Finding{
		Check:    "pattern",
		Rule:     ids[r.IntN(len(ids))],
		Category: guard.Category(r.IntN(int(guard.Neutral))),
		Score:    scores[r.IntN(len(scores))],
		Weak:     r.IntN(3) == 0,
	}
	if r.IntN(4) > 0 {
		start := r.IntN(20)
		f.Span = &guard.Span{Start: start, End: start + 1 + r.IntN(10)}
	}
	return f
}

func randomReport(r *rand.Rand) guard.Report {
	report := finished()
	for range r.IntN(6) {
		i := r.IntN(3)
		report.Checks[i].Findings = append(report.Checks[i].Findings, randomFinding(r))
	}
	n := r.IntN(6000)
	report.Checks[2].Tokens = &n
	if r.IntN(5) == 0 {
		report.Checks[r.IntN(3)].State = guard.CheckState(r.IntN(int(guard.Pending) + 1))
	}
	report.Meta = guard.Meta{Direction: guard.Direction(r.IntN(2)), Origin: guard.Origin(r.IntN(5)), TokenLimit: r.IntN(3) * 1000}
	return report
}

// forRandomReports calls try for many reports with each policy.
func forRandomReports(t *testing.T, try func(t *testing.T, p guard.Policy, report guard.Report, r *rand.Rand)) {
	t.Helper()
	policies := []guard.Policy{
		builtin(t, "balanced", map[string]Model{"classifier": toxicBert}),
		builtin(t, "strict", map[string]Model{"classifier": toxicBert}),
		parsePolicy(t, "checks: [tokens, models]\non_failure: review\nlimits: {tokens: {action: review}}\ncategories: {obfuscation: {block: 0.1}, other: {review: 1}}"),
	}
	r := rand.New(rand.NewPCG(2026, 11))
	for range 3000 {
		for _, p := range policies {
			try(t, p, randomReport(r), r)
		}
	}
}

func TestAnotherFindingIsNeverMilder(t *testing.T) {
	forRandomReports(t, func(t *testing.T, p guard.Policy, report guard.Report, r *rand.Rand) {
		before := p.Decide(report)
		i := r.IntN(3)
		report.Checks[i].Findings = append(slices.Clone(report.Checks[i].Findings), randomFinding(r))
		after := p.Decide(report)
		if after.Decision > before.Decision || after.Risk < before.Risk || after.Risk < 0 || after.Risk > 1 {
			t.Fatalf("%s: %s, risk %v, becomes %s, %v with the last of %+v", p.Name(), before.Decision, before.Risk, after.Decision, after.Risk, report.Checks[i].Findings)
		}
	})
}

func TestOrderOfFindingsIsIrrelevant(t *testing.T) {
	forRandomReports(t, func(t *testing.T, p guard.Policy, report guard.Report, r *rand.Rand) {
		before := p.Decide(report)
		clean, err := p.Sanitize(text, report)
		for _, c := range report.Checks {
			r.Shuffle(len(c.Findings), reflect.Swapper(c.Findings))
		}
		if after := p.Decide(report); !reflect.DeepEqual(after, before) {
			t.Fatalf("%s: %+v becomes %+v", p.Name(), before, after)
		}
		if again, errAgain := p.Sanitize(text, report); again != clean || (err == nil) != (errAgain == nil) {
			t.Fatalf("%s: sanitised to %q, then to %q", p.Name(), clean, again)
		}
	})
}

// TestPendingIsNeverStricter: what is decided while checks run still holds when
// they have ended, whatever they find.
func TestPendingIsNeverStricter(t *testing.T) {
	forRandomReports(t, func(t *testing.T, p guard.Policy, report guard.Report, r *rand.Rand) {
		end := p.Decide(report)
		for i := range report.Checks {
			if r.IntN(2) == 0 {
				report.Checks[i] = guard.CheckReport{Check: report.Checks[i].Check, State: guard.Pending}
			}
		}
		if now := p.Decide(report); now.Decision < end.Decision || now.Risk > end.Risk {
			t.Fatalf("%s: %+v while checks run, %+v in the end", p.Name(), now, end)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	all, err := Load(Builtin(), testEnv(map[string]Model{"classifier": toxicBert}))
	if err != nil {
		b.Fatal(err)
	}
	report := finished(weak("a", 0.3), weak("b", 0.2), rule("pii.email", guard.SensitiveData, 0.9), modelSays("toxic", 0.4))
	for b.Loop() {
		all[1].Decide(report)
	}
}
