package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// session is the life of one request: which checks run, what they reported so
// far, and whether it is settled already.
type session struct {
	engine  *Engine
	checks  []Check // the engine's, or what follows the text in their place
	policy  Policy
	plan    Plan
	meta    Meta
	emit    func(CheckReport) error
	digest  string // of the text, if the plan asks for it
	reserve reserve
	owed    []bool        // checks that are not cut short: the caller was told a part of what they find
	reports []CheckReport // one for every check of the engine, in its order
	ended   chan done     // has room for every report, so that nobody who hands one in waits
}

func newSession(e *Engine, p Policy, plan Plan, meta Meta, emit func(CheckReport) error) *session {
	if emit == nil {
		emit = func(CheckReport) error { return nil }
	}
	s := &session{engine: e, checks: e.checks, policy: p, plan: plan, meta: meta, emit: emit}
	s.reports, s.ended = make([]CheckReport, len(e.checks)), make(chan done, len(e.checks))
	for i, c := range e.checks {
		s.reports[i] = CheckReport{Check: c.Name(), State: NotApplicable}
		if slices.Contains(plan.Checks, c.Name()) || slices.Contains(plan.First, c.Name()) {
			s.reports[i].State = Pending
		}
	}
	return s
}

// run takes the checks through their two stages, and keeps r of the time. It returns nil
// when every report is final, whatever became of the checks.
func (s *session) run(ctx context.Context, t *Text, r reserve) error {
	s.reserve = r
	stop, cancel := r.stop(ctx)
	defer cancel()
	if s.plan.EnoughTokens > 0 {
		stop = WithEnoughTokens(stop, s.plan.EnoughTokens)
	}
	if err := s.stage(ctx, stop, t, s.first); err != nil {
		return err
	}
	if len(s.plan.First) > 0 && s.blocked() && !s.owes() {
		s.cutShort()
		return nil
	}
	if stop.Err() != nil { // what the first stage left behind must not be started again
		if err := gone(ctx); err != nil {
			return err
		}
		return s.timeOut()
	}
	if err := s.stage(ctx, stop, t, s.every); err != nil {
		return err
	}
	return s.timeOut()
}

func (s *session) first(check string) bool { return slices.Contains(s.plan.First, check) }

func (*session) every(string) bool { return true }

type done struct {
	index  int
	report CheckReport
}

// stage runs those checks side by side that have not run yet, until all have ended, the
// decision is settled or the time is up. It does not wait for a check that ignores its
// context: a straggler ends by itself, and Engine.Close waits for it.
func (s *session) stage(ctx, stop context.Context, t *Text, which func(check string) bool) error {
	left := 0
	for i, r := range s.reports {
		if r.State == Pending && which(r.Check) {
			s.engine.crew.Run(func() { s.ended <- done{i, inspect(stop, s.checks[i], t)} })
			left++
		}
	}
	timeUp, late := stop.Done(), (<-chan time.Time)(nil)
	for left > 0 {
		select {
		case d := <-s.ended:
			left--
			if err := s.finish(ctx, d); err != nil {
				return err
			}
		case <-timeUp: // checks that honour their context hand in what they have
			timeUp, late = nil, time.After(s.reserve.grace())
		case <-late:
			return gone(ctx)
		}
		if s.plan.StopAtBlock && s.blocked() && !s.owes() {
			s.cutShort()
			return nil
		}
	}
	return nil
}

// inspect runs one check and makes a failure of whatever goes wrong in it.
func inspect(ctx context.Context, c Check, t *Text) (r CheckReport) {
	started := time.Now()
	r.Check = c.Name()
	defer func() {
		if p := recover(); p != nil {
			r.State, r.Err = Failed, errors.New("the check panicked") // p may quote the text
		}
		r.Elapsed = time.Since(started)
	}()
	r.Inspection, r.Err = c.Inspect(ctx, t)
	if flaw := r.mend(t.Base + len(t.Raw)); flaw != nil {
		r.State, r.Err = Failed, flaw
		return r
	}
	switch {
	case r.Err == nil && r.Coverage >= 1:
		r.State = Completed
	case errors.Is(r.Err, ErrEnough):
		r.State, r.Err = CutShort, nil
	case r.Err == nil:
		r.State, r.Err = Failed, errors.New("the check did not look at the whole text")
	case ctx.Err() != nil || errors.Is(r.Err, context.DeadlineExceeded): // or it foresaw that it would not
		r.State, r.Err = TimedOut, fmt.Errorf("the check did not end in time: %w", r.Err)
	default:
		r.State = Failed
	}
	return r
}

// finish files a report. An overload refuses the request, and so does a caller
// who has left: neither is a failure of the check.
func (s *session) finish(ctx context.Context, d done) error {
	if errors.Is(d.report.Err, ErrOverloaded) {
		return fmt.Errorf("%s: %w", d.report.Check, d.report.Err)
	}
	if err := gone(ctx); err != nil {
		return err
	}
	d.report.Findings = concerning(s.meta.Origin, d.report.Findings)
	SortFindings(d.report.Findings)
	s.reports[d.index] = d.report
	return s.emit(d.report)
}

// timeOut files a time-out for every check that has not ended: those that did
// not come back, and those that were never started.
func (s *session) timeOut() error {
	for i := range s.reports {
		if s.reports[i].State != Pending {
			continue
		}
		s.reports[i].State, s.reports[i].Err = TimedOut, errors.New("the check did not end in time")
		if err := s.emit(s.reports[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) cutShort() {
	for i := range s.reports {
		if s.reports[i].State == Pending {
			s.reports[i].State = CutShort
		}
	}
}

// owes tells whether a check is yet to report what the caller was told of.
func (s *session) owes() bool {
	for i, owed := range s.owed {
		if owed && s.reports[i].State == Pending {
			return true
		}
	}
	return false
}

func (s *session) blocked() bool {
	return s.policy.Decide(s.report()).Decision == Block
}

func (s *session) report() Report {
	return Report{Checks: s.reports, Meta: s.meta, TextDigest: s.digest}
}

// gone tells whether the caller has left or has no time for an answer any more.
func gone(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// result lets the policy decide on the final report.
func (s *session) result(ctx context.Context, raw string) (Result, error) {
	v, clean, err := s.verdict(ctx, raw)
	if err != nil {
		return Result{}, err
	}
	out := Result{
		Decision:       v.Decision,
		PolicyDecision: v.Decision,
		DetectOnly:     s.meta.DetectOnly || s.plan.DetectOnly,
		Risk:           v.Risk,
		Reasons:        v.Reasons,
		Sanitized:      clean,
		Policy:         s.policy.Name(),
		PolicyDigest:   s.policy.Digest(),
	}
	if out.DetectOnly {
		out.Decision, out.Sanitized = Allow, nil
	}
	s.reports = withPolicyFindings(s.reports, v.Findings)
	out.Report = s.report()
	out.Findings = allFindings(out.Report.Checks, v.Findings)
	return out, nil
}
