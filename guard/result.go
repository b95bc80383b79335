package guard

import (
	"cmp"
	"slices"
)

// Result is the answer to one request.
type Result struct {
	// Decision is what the caller must do. It differs from PolicyDecision only
	// when DetectOnly forced it to Allow.
	Decision       Decision
	PolicyDecision Decision
	DetectOnly     bool
	Risk           float64
	Reasons        []string
	// Findings holds those of all checks and of the policy, sorted by start,
	// check and rule; findings on the whole text come first.
	Findings []Finding
	Report   Report
	// Sanitized is set exactly when Decision is Sanitize. It may be empty.
	Sanitized    *string
	Policy       string
	PolicyDigest string
}

// SortFindings puts findings into the one order that replies and records have:
// by start of the span (the whole text is 0), check, rule, end.
func SortFindings(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.start(), b.start()),
			cmp.Compare(a.Check, b.Check),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.end(), b.end()),
		)
	})
}

func (f Finding) start() int {
	if f.Span == nil {
		return 0
	}
	return f.Span.Start
}

func (f Finding) end() int {
	if f.Span == nil {
		return 0
	}
	return f.Span.End
}

// withPolicyFindings returns the reports with the policy's own findings added
// to the checks that they name, so that a check's score counts them too.
func withPolicyFindings(reports []CheckReport, own []Finding) []CheckReport {
	for _, f := range own {
		for i := range reports {
			if reports[i].Check == f.Check {
				reports[i].Findings = append(slices.Clip(reports[i].Findings), f)
			}
		}
	}
	return reports
}

// allFindings returns those of the reports, and of the policy's own those that
// belong to no check.
func allFindings(reports []CheckReport, own []Finding) []Finding {
	n := len(own)
	for _, r := range reports {
		n += len(r.Findings)
	}
	all := make([]Finding, 0, n)
	for _, r := range reports {
		all = append(all, r.Findings...)
	}
	for _, f := range own {
		if !slices.ContainsFunc(reports, func(r CheckReport) bool { return r.Check == f.Check }) {
			all = append(all, f)
		}
	}
	SortFindings(all)
	return all
}
