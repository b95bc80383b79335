package guard_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
)

// fakeCheck does what the test says.
type fakeCheck struct {
	name    string
	inspect func(ctx context.Context, t *guard.Text) (guard.Inspection, error)
}

func (c fakeCheck) Name() string { return c.name }
func (c fakeCheck) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	return c.inspect(ctx, t)
}

// finds reports one finding of the given score after a while, or at once: without a
// timer, since two that are due at the same time crash the race detector in a bubble
// (Go 1.26, runtime.unlockAndRun).
func finds(name string, score float64, after time.Duration) guard.Check {
	return fakeCheck{name, func(ctx context.Context, _ *guard.Text) (guard.Inspection, error) {
		if after > 0 {
			select {
			case <-time.After(after):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			return guard.Inspection{Coverage: 0.5}, ctx.Err()
		}
		in := guard.Inspection{Coverage: 1}
		if score > 0 {
			in.Findings = []guard.Finding{{Check: name, Rule: name + ".rule", Score: score, Span: &guard.Span{Start: 0, End: 1}}}
		}
		return in, nil
	}}
}

func fails(name string, err error) guard.Check {
	return fakeCheck{name, func(context.Context, *guard.Text) (guard.Inspection, error) { return guard.Inspection{}, err }}
}

// fakePolicy blocks from 0.8 on, sanitises from 0.5 on, and reviews what did
// not complete. It takes out what was found, or does as the test says.
type fakePolicy struct {
	plan     guard.Plan
	sanitize func(string) (string, error)
}

func (p fakePolicy) Name() string               { return "fake" }
func (p fakePolicy) Digest() string             { return "sha256:fake" }
func (p fakePolicy) Plan(guard.Meta) guard.Plan { return p.plan }

func (p fakePolicy) Decide(r guard.Report) guard.Verdict {
	v := guard.Verdict{Decision: guard.Allow}
	for _, c := range r.Checks {
		v.Risk = max(v.Risk, c.Score())
		switch {
		case c.Score() >= 0.8:
			v.Decision = min(v.Decision, guard.Block)
		case c.Score() >= 0.5:
			v.Decision = min(v.Decision, guard.Sanitize)
		}
		if c.State == guard.Failed || c.State == guard.TimedOut {
			v.Decision = min(v.Decision, guard.Review)
		}
	}
	return v
}

func (p fakePolicy) Sanitize(raw string, r guard.Report) (guard.Redaction, error) {
	if p.sanitize == nil {
		var cuts []guard.Cut
		for _, f := range r.Checks[0].Findings {
			cuts = append(cuts, guard.Cut{Span: *f.Span, Placeholder: "#", Check: f.Check})
		}
		return guard.Redact(raw, cuts)
	}
	clean, err := p.sanitize(raw)
	return guard.Redaction{Text: clean}, err
}

func engine(t *testing.T, p fakePolicy, checks ...guard.Check) *guard.Engine {
	t.Helper()
	if p.plan.Checks == nil {
		for _, c := range checks {
			p.plan.Checks = append(p.plan.Checks, c.Name())
		}
	}
	cfg := guard.DefaultConfig()
	cfg.DefaultPolicy = "fake"
	e, err := guard.NewEngine(cfg, []guard.Policy{p}, checks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return e
}

func states(r guard.Result) (s []guard.CheckState) {
	for _, c := range r.Report.Checks {
		s = append(s, c.State)
	}
	return s
}

func TestReportDoesNotDependOnWhoFinishedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delays := []time.Duration{1, 2, 3}
		var want guard.Result
		for i := range 6 {
			e := engine(t, fakePolicy{}, finds("a", 0.2, delays[i%3]), finds("b", 0.3, delays[(i+i/3+1)%3]), finds("c", 0.4, delays[(i+2*(i/3)+2)%3]))
			got, err := e.Validate(t.Context(), guard.Request{Text: "text"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for j := range got.Report.Checks {
				got.Report.Checks[j].Elapsed = 0
			}
			if i == 0 {
				want = got
				continue
			}
			if !slices.EqualFunc(got.Findings, want.Findings, func(a, b guard.Finding) bool { return a.Rule == b.Rule }) ||
				!slices.Equal(states(got), states(want)) || got.Risk != want.Risk {
				t.Fatalf("order %d: %+v, want %+v", i, got, want)
			}
		}
	})
}

func TestChecksRunSideBySideAndAreEmittedAsTheyEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine(t, fakePolicy{}, finds("slow", 0.1, 3*time.Second), finds("quick", 0.1, time.Second))
		var order []string
		start := time.Now()
		if _, err := e.Validate(t.Context(), guard.Request{Text: "x"}, func(r guard.CheckReport) error {
			order = append(order, r.Check)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %s, so the checks waited for each other", took)
		}
		if !slices.Equal(order, []string{"quick", "slow"}) {
			t.Errorf("emitted %v", order)
		}
	})
}

func TestFirstStageBlocksBeforeTheRestStarts(t *testing.T) {
	started := false
	model := fakeCheck{"model", func(context.Context, *guard.Text) (guard.Inspection, error) {
		started = true
		return guard.Inspection{Coverage: 1}, nil
	}}
	e := engine(t, fakePolicy{plan: guard.Plan{Checks: []string{"model", "tokens"}, First: []string{"tokens"}}}, finds("tokens", 0.9, 0), model)
	got, err := e.Validate(t.Context(), guard.Request{Text: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if started || got.Decision != guard.Block {
		t.Errorf("started %v, decision %s", started, got.Decision)
	}
	if want := []guard.CheckState{guard.CutShort, guard.Completed}; !slices.Equal(states(got), want) {
		t.Errorf("states %v, want %v", states(got), want)
	}
}

func TestStopAtBlockCancelsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine(t, fakePolicy{plan: guard.Plan{Checks: []string{"a", "b"}, StopAtBlock: true}}, finds("a", 0.9, time.Second), finds("b", 0, time.Hour))
		start := time.Now()
		got, err := e.Validate(t.Context(), guard.Request{Text: "x"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(start) != time.Second || got.Decision != guard.Block || got.Report.Checks[1].State != guard.CutShort {
			t.Errorf("after %s: %s, %v", time.Since(start), got.Decision, states(got))
		}
	})
}

func TestWhatGoesWrongInACheckIsItsFailure(t *testing.T) {
	for name, tc := range map[string]struct {
		check guard.Check
		want  string
	}{
		"error": {fails("c", errors.New("device lost")), "device lost"},
		"panic": {fakeCheck{"c", func(context.Context, *guard.Text) (guard.Inspection, error) { panic("the secret text") }}, "panicked"},
		"partial": {fakeCheck{"c", func(context.Context, *guard.Text) (guard.Inspection, error) {
			return guard.Inspection{Coverage: 0.9}, nil
		}}, "whole text"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := engine(t, fakePolicy{}, tc.check).Validate(t.Context(), guard.Request{Text: "x"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			c := got.Report.Checks[0]
			if c.State != guard.Failed || !strings.Contains(c.Err.Error(), tc.want) || strings.Contains(c.Err.Error(), "secret") {
				t.Errorf("%s: %v", c.State, c.Err)
			}
			if got.Decision == guard.Allow {
				t.Error("a failed check let the text pass")
			}
		})
	}
}

func TestSlowCheckTimesOutWithAVerdict(t *testing.T) {
	for name, deaf := range map[string]bool{"honours its context": false, "ignores its context": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := finds("slow", 0, time.Hour)
				if deaf {
					slow = fakeCheck{"slow", func(context.Context, *guard.Text) (guard.Inspection, error) {
						time.Sleep(time.Hour)
						return guard.Inspection{Coverage: 1}, nil
					}}
				}
				e := engine(t, fakePolicy{}, slow, finds("quick", 0, time.Millisecond))
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				got, err := e.Validate(ctx, guard.Request{Text: "x"}, nil)
				if err != nil {
					t.Fatalf("no verdict: %v", err)
				}
				if ctx.Err() != nil {
					t.Error("the verdict came after the caller's deadline")
				}
				if want := []guard.CheckState{guard.Completed, guard.TimedOut}; !slices.Equal(states(got), want) || got.Decision == guard.Allow {
					t.Errorf("%s, %v", got.Decision, states(got))
				}
			})
		})
	}
}

// A check that gives up before its time is up, as it could not end in time, has timed
// out with what it has seen.
func TestCheckThatForeseesItsEnd(t *testing.T) {
	foresees := fakeCheck{"c", func(context.Context, *guard.Text) (guard.Inspection, error) {
		return guard.Inspection{Coverage: 0.5}, fmt.Errorf("too late: %w", context.DeadlineExceeded)
	}}
	got, err := engine(t, fakePolicy{}, foresees).Validate(t.Context(), guard.Request{Text: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Report.Checks[0]; c.State != guard.TimedOut || c.Coverage != 0.5 || got.Decision == guard.Allow {
		t.Errorf("%s, %+v", got.Decision, c)
	}
}

func TestTimeOutInTheFirstStageLeavesNoneUnreported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine(t, fakePolicy{plan: guard.Plan{Checks: []string{"a", "b"}, First: []string{"a"}}}, finds("a", 0, time.Hour), finds("b", 0, time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got, err := e.Validate(ctx, guard.Request{Text: "x"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := []guard.CheckState{guard.TimedOut, guard.TimedOut}; !slices.Equal(states(got), want) || got.Decision == guard.Allow {
			t.Errorf("%s, %v", got.Decision, states(got))
		}
	})
}

// With little time left the reserve shrinks, and so must the wait for a check that
// ignores its context; and what it left running is not started a second time.
func TestDeafCheckInTheFirstStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var starts atomic.Int64 // the check outlives the request
		deaf := fakeCheck{"a", func(context.Context, *guard.Text) (guard.Inspection, error) {
			starts.Add(1)
			time.Sleep(time.Hour)
			return guard.Inspection{Coverage: 1}, nil
		}}
		e := engine(t, fakePolicy{plan: guard.Plan{Checks: []string{"a", "b"}, First: []string{"a"}}}, deaf, finds("b", 0, 0))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		got, err := e.Validate(ctx, guard.Request{Text: "x"}, nil)
		if err != nil || ctx.Err() != nil {
			t.Fatalf("no verdict in time: %v, %v", err, ctx.Err())
		}
		if want := []guard.CheckState{guard.TimedOut, guard.TimedOut}; !slices.Equal(states(got), want) || starts.Load() != 1 {
			t.Errorf("%v, started %d times", states(got), starts.Load())
		}
	})
}

func TestNoVerdict(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	boom := errors.New("boom")
	for name, tc := range map[string]struct {
		ctx   context.Context
		check guard.Check
		req   guard.Request
		emit  error
		want  error
	}{
		"caller left":    {cancelled, finds("c", 0, 0), guard.Request{}, nil, context.Canceled},
		"overloaded":     {t.Context(), fails("c", &guard.OverloadedError{RetryAfter: time.Second}), guard.Request{}, nil, guard.ErrOverloaded},
		"emit fails":     {t.Context(), finds("c", 0, 0), guard.Request{}, boom, boom},
		"unknown policy": {t.Context(), finds("c", 0, 0), guard.Request{Policy: "none"}, nil, guard.ErrUnknownPolicy},
		"too long":       {t.Context(), finds("c", 0, 0), guard.Request{Text: strings.Repeat("a", 1<<20+1)}, nil, guard.ErrTextTooLong},
		"not UTF-8":      {t.Context(), finds("c", 0, 0), guard.Request{Text: "\xff"}, nil, guard.ErrNotUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engine(t, fakePolicy{}, tc.check).Validate(tc.ctx, tc.req, func(guard.CheckReport) error { return tc.emit })
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestSanitize(t *testing.T) {
	for name, tc := range map[string]struct {
		sanitize func(string) (string, error)
		want     guard.Decision
	}{
		"cleaned":         {func(string) (string, error) { return "[X]", nil }, guard.Sanitize},
		"to nothing":      {func(string) (string, error) { return "", nil }, guard.Sanitize},
		"changed nothing": {func(s string) (string, error) { return s, nil }, guard.Block},
		"failed":          {func(string) (string, error) { return "", errors.New("no span") }, guard.Block},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := engine(t, fakePolicy{sanitize: tc.sanitize}, finds("c", 0.6, 0)).Validate(t.Context(), guard.Request{Text: "x"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.Decision != tc.want || (got.Sanitized != nil) != (tc.want == guard.Sanitize) {
				t.Errorf("%s, sanitised %v", got.Decision, got.Sanitized)
			}
		})
	}
}

func TestDetectOnlyAllowsAndTellsTheTruth(t *testing.T) {
	for name, r := range map[string]guard.Request{
		"by the request": {Text: "x", Meta: guard.Meta{DetectOnly: true}},
		"by the policy":  {Text: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			p := fakePolicy{plan: guard.Plan{Checks: []string{"c"}, DetectOnly: !r.Meta.DetectOnly}}
			got, err := engine(t, p, finds("c", 0.9, 0)).Validate(t.Context(), r, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.Decision != guard.Allow || got.PolicyDecision != guard.Block || !got.DetectOnly {
				t.Errorf("%s, policy %s, detect only %v", got.Decision, got.PolicyDecision, got.DetectOnly)
			}
		})
	}
}

func TestChecksNotAskedForAreNotRun(t *testing.T) {
	e := engine(t, fakePolicy{plan: guard.Plan{Checks: []string{"a"}}}, finds("a", 0, 0), fails("b", errors.New("must not run")))
	got, err := e.Validate(t.Context(), guard.Request{Text: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []guard.CheckState{guard.Completed, guard.NotApplicable}; !slices.Equal(states(got), want) || got.Decision != guard.Allow {
		t.Errorf("%s, %v", got.Decision, states(got))
	}
}

func TestNewEngineRefuses(t *testing.T) {
	cfg := guard.DefaultConfig()
	cfg.DefaultPolicy = "fake"
	a := finds("a", 0, 0)
	for name, tc := range map[string]struct {
		cfg      guard.Config
		policies []guard.Policy
		checks   []guard.Check
		want     string
	}{
		"two checks of one name":   {cfg, []guard.Policy{fakePolicy{}}, []guard.Check{a, a}, `two checks are named "a"`},
		"two policies of one name": {cfg, []guard.Policy{fakePolicy{}, fakePolicy{}}, []guard.Check{a}, "taken"},
		"a check that is missing":  {cfg, []guard.Policy{fakePolicy{plan: guard.Plan{Checks: []string{"b"}}}}, []guard.Check{a}, `check "b", which is not loaded`},
		"no default policy":        {cfg, nil, []guard.Check{a}, "default_policy"},
		"a bad config":             {guard.Config{}, nil, nil, "default_policy"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := guard.NewEngine(tc.cfg, tc.policies, tc.checks); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// The zero values are what a forgotten line leaves behind: they must block.
func TestZeroValuesBlock(t *testing.T) {
	var v guard.Verdict
	var r guard.CheckReport
	if v.Decision != guard.Block || r.State != guard.Failed {
		t.Errorf("%s, %s", v.Decision, r.State)
	}
}

// What a check finds is dropped where it is no risk, and counts for an origin that
// nobody knows.
func TestFindingsOfOtherOrigins(t *testing.T) {
	check := fakeCheck{"a", func(context.Context, *guard.Text) (guard.Inspection, error) {
		from := guard.OriginsOf(guard.OriginTool, guard.OriginDocument)
		return guard.Inspection{Coverage: 1, Findings: []guard.Finding{
			{Check: "a", Rule: "m/indirect", Score: 0.9, From: from, Span: &guard.Span{Start: 0, End: 1}},
			{Check: "a", Rule: "m/direct", Score: 0.1, Span: &guard.Span{Start: 0, End: 1}},
		}}, nil
	}}
	e := engine(t, fakePolicy{}, check)
	for origin, want := range map[guard.Origin]guard.Decision{
		guard.OriginUser: guard.Allow, guard.OriginModel: guard.Allow, guard.OriginSystem: guard.Allow,
		guard.OriginTool: guard.Block, guard.OriginDocument: guard.Block, guard.OriginSystem + 1: guard.Block,
	} {
		var told []guard.Finding
		r, err := e.Validate(t.Context(), guard.Request{Text: "text", Meta: guard.Meta{Origin: origin}}, func(c guard.CheckReport) error {
			told = append(told, c.Findings...)
			return nil
		})
		if err != nil || r.Decision != want {
			t.Errorf("%s: %v, %v, want %v", origin, r.Decision, err, want)
		}
		if n := map[guard.Decision]int{guard.Allow: 1, guard.Block: 2}[want]; len(told) != n || len(r.Findings) != n {
			t.Errorf("%s: told %d findings and answered %d, want %d", origin, len(told), len(r.Findings), n)
		}
	}
}
