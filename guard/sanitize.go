package guard

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// maxRounds is how often a text is sanitised before it is given up. Each round takes
// out what the one before brought to light.
const maxRounds = 4

// verdict lets the policy decide, and sanitises the text if it says so until nothing
// more is left to take out: where something was taken out, words end that went on
// before, and what it hid by standing beside it is found. The report has those
// findings too, and the policy decides on all of them.
func (s *session) verdict(ctx context.Context, raw string) (v Verdict, clean *string, err error) {
	last := raw
	for range maxRounds {
		if v = s.policy.Decide(s.report()); v.Decision != Sanitize {
			return v, nil, nil
		}
		r, err := s.policy.Sanitize(raw, s.report())
		switch {
		case err != nil:
			return v.stricter(Block, "the text could not be sanitised"), nil, nil //nolint:nilerr // the failure is the verdict
		case r.Text == last:
			return v.stricter(Block, "sanitising changed nothing"), nil, nil
		}
		left, err := s.lookAgain(ctx, r)
		switch {
		case err != nil:
			return Verdict{}, nil, err
		case left == Allow:
			return v, &r.Text, nil
		case left != Sanitize:
			v = s.policy.Decide(s.report())
			return v.stricter(left, fmt.Sprintf("what sanitising leaves means %s", left)), nil, nil
		}
		last = r.Text
	}
	return v.stricter(Block, "sanitising comes to no end"), nil, nil
}

// stricter returns the verdict with a decision that is no milder, and why.
func (v Verdict) stricter(d Decision, reason string) Verdict {
	v.Decision = min(v.Decision, d)
	v.Reasons = append(slices.Clip(v.Reasons), reason)
	return v
}

// lookAgain has the checks whose findings were taken out look at what is left, and
// returns what the policy decides on that. If it is not clean, what they find there
// joins the report, at the places in the text as received.
func (s *session) lookAgain(ctx context.Context, r Redaction) (Decision, error) {
	if len(r.cuts) == 0 {
		return Allow, nil
	}
	// Placeholders may make a text longer than one may be that is received.
	text, err := Preparer{MaxRaw: len(r.Text), MaxFolded: math.MaxInt}.Prepare(r.Text)
	if err != nil {
		return Block, nil //nolint:nilerr // what nobody can read is not clean
	}
	again := newSession(s.engine, s.policy, Plan{Checks: r.checks()}, s.meta, nil)
	if err := again.run(ctx, text, s.reserve.again()); err != nil {
		return Block, err
	}
	left := Report{Checks: slices.Clone(s.reports), Meta: s.meta}
	for i, c := range again.reports {
		if c.State != NotApplicable {
			left.Checks[i] = c
		}
	}
	d := s.policy.Decide(left).Decision
	if d != Allow {
		s.join(again.reports, r)
	}
	return d, nil
}

// besideCut ends the message of what was found only once its neighbour was gone.
const besideCut = ", seen once what stands beside it is taken out"

// join adds to the reports what they do not have yet of what is left, and which checks did
// not see it to the end, nor how much of it. Who was told of a check as it ended is not told again.
func (s *session) join(left []CheckReport, r Redaction) {
	for i, c := range left {
		if c.State == TimedOut || c.State == Failed {
			s.reports[i].State, s.reports[i].Err = c.State, c.Err
			s.reports[i].Coverage = min(s.reports[i].Coverage, c.Coverage)
		}
		all := slices.Clip(s.reports[i].Findings)
		known := make(map[place]bool, len(all))
		for _, f := range all {
			known[f.place()] = true
		}
		for _, f := range c.Findings {
			if f.Span != nil {
				source := r.Source(*f.Span)
				f.Span = &source
			}
			if !known[f.place()] {
				f.Message += besideCut
				all = append(all, f)
			}
		}
		SortFindings(all)
		s.reports[i].Findings = all
	}
}

// place tells the findings of one check apart.
type place struct {
	rule       string
	start, end int
}

func (f Finding) place() place { return place{f.Rule, f.start(), f.end()} }
