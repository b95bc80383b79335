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
	ids := []string{"a", "b", "c", "pii.email", "pii.phone", "planted.a", "planted.b", "secret.aws", "toxic-bert/toxic", "toxic-bert/obscene", "toxic-bert/injection"}
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
	if r.IntN(4) == 0 {
		report.Meta.Labels = map[string]string{"team": "red"}
	}
	for range r.IntN(3) {
		label := []string{"toxic", "obscene", "injection"}[r.IntN(3)]
		report.Checks[0].Scores = append(report.Checks[0].Scores, guard.LabelScore{Model: "toxic-bert", Label: label, Score: r.Float64()})
	}
	report.TextDigest = []string{"", abc, "sha256:0"}[r.IntN(3)]
	return report
}

// forRandomReports calls try for many reports with the built-in policies, and with
// many random ones.
func forRandomReports(t *testing.T, try func(t *testing.T, p guard.Policy, report guard.Report, r *rand.Rand)) {
	t.Helper()
	policies := []guard.Policy{
		builtin(t, "balanced", map[string]Model{"classifier": toxicBert}),
		builtin(t, "strict", map[string]Model{"classifier": toxicBert}),
		parsePolicy(t, "checks: [tokens, models]\non_failure: review\nlimits: {tokens: {action: review}}\ncategories: {obfuscation: {block: 0.1}, other: {review: 1}}"),
	}
	r := rand.New(rand.NewPCG(2026, 11))
	for range 60 {
		policies = append(policies, randomPolicy(t, r))
	}
	for range 300 {
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
		if again, errAgain := p.Sanitize(text, report); again.Text != clean.Text || (err == nil) != (errAgain == nil) {
			t.Fatalf("%s: sanitised to %q, then to %q", p.Name(), clean.Text, again.Text)
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

// TestAFailureIsNeverMilder: a check that did not end, or saw a part only, never
// makes the verdict milder, whatever it found before, and never allows.
func TestAFailureIsNeverMilder(t *testing.T) {
	forRandomReports(t, func(t *testing.T, p guard.Policy, report guard.Report, r *rand.Rand) {
		for i := range report.Checks {
			report.Checks[i].State, report.Checks[i].Coverage = guard.Completed, 1
		}
		before := p.Decide(report)
		c := &report.Checks[r.IntN(3)]
		if c.Coverage = r.Float64(); r.IntN(2) == 0 {
			c.State = []guard.CheckState{guard.Failed, guard.TimedOut, guard.CutShort, guard.NotApplicable}[r.IntN(4)]
		}
		after := p.Decide(report)
		planned := slices.Contains(p.Plan(report.Meta).Checks, c.Check)
		if after.Decision > before.Decision || planned && after.Decision > guard.Review {
			t.Fatalf("%s: %s becomes %s with %s %s, %v seen", p.Name(), before.Decision, after.Decision, c.Check, c.State, c.Coverage)
		}
	})
}

// TestAllowListsOnlyTakeAway: what a policy decides without its lists is
// never milder than with them, and a text that is not listed gains nothing by a list
// of texts.
func TestAllowListsOnlyTakeAway(t *testing.T) {
	without := parsePolicy(t, "extends: balanced")
	rules := parsePolicy(t, "extends: balanced\nallow: {rules: [pii.email, a, toxic-bert/toxic]}")
	texts := parsePolicy(t, "extends: balanced\nallow: {texts: ['"+abc+"']}")
	r := rand.New(rand.NewPCG(5, 5))
	milder := 0
	for range 5000 {
		report := randomReport(r)
		plain, listed, known := without.Decide(report), rules.Decide(report), texts.Decide(report)
		if listed.Decision < plain.Decision || listed.Risk > plain.Risk || known.Decision < plain.Decision || known.Risk > plain.Risk {
			t.Fatalf("%+v: %s without lists, %s and %s with them", report, plain.Decision, listed.Decision, known.Decision)
		}
		if report.TextDigest != abc && !reflect.DeepEqual(known, plain) {
			t.Fatalf("a text that is not listed: %+v and %+v", plain, known)
		}
		if listed.Decision > plain.Decision {
			milder++
		}
	}
	if milder == 0 {
		t.Error("no list ever allowed anything: the test proves nothing")
	}
}

func BenchmarkDecide(b *testing.B) {
	all, err := Load(Builtin(), testEnv(map[string]Model{"classifier": toxicBert}))
	if err != nil {
		b.Fatal(err)
	}
	for name, report := range map[string]guard.Report{
		"nothing": finished(),
		"some":    finished(weak("a", 0.3), weak("b", 0.2), rule("pii.email", guard.SensitiveData, 0.9), modelSays("toxic", 0.4)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				all[1].Decide(report)
			}
		})
	}
}
