package guard

import (
	"context"
	"time"
)

// Request is one text to be judged and what is known about it.
type Request struct {
	Text   string
	Policy string // empty: the engine's default
	Meta   Meta
}

// Meta is what a policy may know about a request. Checks never see it.
type Meta struct {
	Direction  Direction
	Origin     Origin
	TokenLimit int // lowers the policy's limit on cl100k_base tokens; 0 leaves it
	DetectOnly bool
	Labels     map[string]string
}

// Check measures a text.
//
// Inspect returns soon after ctx ends, with what it has and ctx's error. It
// neither keeps nor changes t, which all checks share. It knows no limits, no
// thresholds and no caller. An error fails the check, and a failed check never
// makes a verdict milder; findings returned beside an error still count.
type Check interface {
	// Name is public and stable: "pattern", "tokens", "classifier".
	Name() string
	Inspect(ctx context.Context, t *Text) (Inspection, error)
}

// ScoreFloor is the lowest score that a check must report as a finding.
// Policies cannot decide on less, and refuse thresholds below it.
const ScoreFloor = 0.1

// Inspection is what a check measured.
type Inspection struct {
	Findings []Finding
	Scores   []LabelScore
	Tokens   *int    // of the raw text, at least so many if the check is CutShort; nil: not counted
	Coverage float64 // share of the text that was looked at, in [0, 1]
}

// Finding is one thing a check found. It never carries the matched text, so no
// log, metric or record can leak it.
type Finding struct {
	Check    string
	Rule     string // stable id, such as "injection.ignore-previous" or "model/label"
	Category Category
	Severity Severity
	Score    float64 // P(risk), in [0, 1]
	From     Origins // of which texts it is a risk; the engine drops it in others
	Weak     bool    // raises the risk, never decides alone
	Span     *Span   // nil: the whole text
	Message  string  // for people; no part of the text
}

// LabelScore is one output of a model after its activation: the maximum over
// the windows of the raw text.
type LabelScore struct {
	Model    string
	Label    string
	Category Category
	From     Origins // of which texts the label says something; conditions hear it of no other
	Score    float64
}

// CheckState tells how a check ended. The zero value is a failure: a report
// that nobody filled in clears nothing.
type CheckState uint8

// The states. Pending is seen by policies only, while other checks still run.
const (
	Failed CheckState = iota
	TimedOut
	Completed
	NotApplicable // the policy does not ask for it here
	CutShort      // stopped or not started: the decision was already Block
	Pending
)

var stateNames = [...]string{"failed", "timed out", "completed", "not applicable", "cut short", "pending"}

func (s CheckState) String() string { return name(stateNames[:], int(s), "failed") }

// CheckReport is how one check ended and what it measured.
type CheckReport struct {
	Check string
	State CheckState
	Inspection
	Elapsed time.Duration
	Err     error // set when Failed or TimedOut; no part of the text
}

// Ran reports whether the check looked at any of the text.
func (r CheckReport) Ran() bool {
	return r.State == Completed || r.Coverage > 0 || len(r.Findings) > 0
}

// Score returns the worst score among the findings, 0 if there are none.
func (r CheckReport) Score() float64 {
	worst := 0.0
	for _, f := range r.Findings {
		worst = max(worst, f.Score)
	}
	return worst
}

// Report is everything that was measured on one text: a CheckReport for every
// check the engine has, sorted by name, whatever the order they finished in.
type Report struct {
	Checks []CheckReport
	Meta   Meta
	// TextDigest is "sha256:..." of the text as received, if the plan asks for it
	// and the text is whole. A policy may know a text again, never read it.
	TextDigest string
}

// Tokens returns the token count of the text, or of a text over Plan.EnoughTokens a
// number above that; ok is false if nobody counted.
func (r Report) Tokens() (n int, ok bool) {
	for _, c := range r.Checks {
		if c.Tokens != nil {
			return *c.Tokens, true
		}
	}
	return 0, false
}
