package guard

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// clearing decides how much of a growing text may be shown. Beyond what the checks
// have not judged yet, it is held by whatever the policy would do something about:
// a text to be sanitised is changed from there on, a text for a person is shown to
// nobody further.
type clearing struct {
	policy  Policy
	report  Report // what is certain so far: of each rule the worst finding
	through int
	held    int      // where the first thing stands that is certain to decide
	single  Decision // the strictest that one thing alone asks for
	blocked bool     // what is certain means Block
	all     bool     // detect-only: nothing is held
	alone   map[Finding]Decision
	told    map[[2]string]int // findings passed on, by check and rule
}

func newClearing(p Policy, planned Report, detectOnly bool) clearing {
	return clearing{
		policy: p, report: planned, held: math.MaxInt, single: Allow, all: detectOnly,
		alone: make(map[Finding]Decision), told: make(map[[2]string]int),
	}
}

// weigh takes in what the check of that index has seen, and returns what to pass on.
func (c *clearing) weigh(index int, s Sight) (fresh []Finding) {
	changed := c.count(index, s.Tokens)
	for _, f := range slices.Concat(s.Found, s.Growing) {
		changed = c.raise(index, f) || changed
		if d := c.decides(index, f); d != Allow {
			c.held, c.single = min(c.held, f.start()), min(c.single, d)
		}
	}
	if changed {
		c.settle()
	}
	return slices.DeleteFunc(s.Found, c.enough)
}

// settle asks the policy about everything that is certain. What it decides on all
// of it together, and on no part alone, has no place: it holds what is left.
func (c *clearing) settle() {
	switch d := c.policy.Decide(c.report).Decision; {
	case d == Block && !c.all:
		c.blocked = true
	case d < c.single:
		c.held = min(c.held, c.through)
	}
}

// maxTold is how many findings of one rule are passed on before the verdict. The
// verdict itself takes many of one rule together.
const maxTold = 900

func (c *clearing) enough(f Finding) bool {
	key := [2]string{f.Check, f.Rule}
	c.told[key]++
	return c.told[key] > maxTold
}

// count raises the number of tokens that are certain.
func (c *clearing) count(index, tokens int) bool {
	r := &c.report.Checks[index]
	if tokens == 0 || r.Tokens != nil && *r.Tokens >= tokens {
		return false
	}
	r.Tokens = &tokens
	return true
}

// raise keeps the worst finding of each rule. Policies count a rule once, and the
// verdict counts them all.
func (c *clearing) raise(index int, f Finding) bool {
	r := &c.report.Checks[index]
	i := slices.IndexFunc(r.Findings, func(k Finding) bool { return k.Rule == f.Rule && k.Weak == f.Weak })
	switch {
	case i < 0:
		r.Findings = append(r.Findings, f)
	case r.Findings[i].Score < f.Score:
		r.Findings[i] = f
	default:
		return false
	}
	return true
}

// found says of every check whether it is certain to find something.
func (c *clearing) found() []bool {
	found := make([]bool, len(c.report.Checks))
	for i, r := range c.report.Checks {
		found[i] = len(r.Findings) > 0
	}
	return found
}

// decides returns what the policy would do about f if it were all that is found.
// Findings that differ in their place only are asked about once.
func (c *clearing) decides(index int, f Finding) Decision {
	key := f
	if key.Span != nil {
		key.Span = &somewhere
	}
	d, known := c.alone[key]
	if !known {
		lone := Report{Checks: slices.Clone(c.report.Checks), Meta: c.report.Meta}
		for i := range lone.Checks {
			lone.Checks[i].Inspection = Inspection{}
		}
		lone.Checks[index].Findings = []Finding{f}
		d = c.policy.Decide(lone).Decision
		c.alone[key] = d
	}
	return d
}

// somewhere stands for any span.
var somewhere Span

// move moves the watermark as far as nothing holds it, and says whether it moved. It
// stops in front of what is glued to what holds it: if that is taken out, the rest is
// read anew.
func (c *clearing) move(text string, pursuits []*pursuit) bool {
	to := len(text)
	if !c.all {
		to = min(to, c.held)
		for i, p := range pursuits {
			if p != nil {
				to = min(to, p.clear, c.doubt(i, p))
			}
		}
		for to > 0 && to < len(text) && !utf8.RuneStart(text[to]) {
			to--
		}
		to = glueStart(text, to)
	}
	moved := to > c.through
	c.through = max(c.through, to)
	return moved
}

// doubt returns where the first thing stands that may turn out to decide.
func (c *clearing) doubt(index int, p *pursuit) int {
	at := math.MaxInt
	for _, f := range p.doubtful {
		if c.decides(index, f) != Allow {
			at = min(at, f.start())
		}
	}
	return at
}

// keep holds a result to what was cleared. A sanitised text that does not begin
// with it would take back what was shown; and a verdict that was to be Block and
// is none on a text that is not complete would judge a part for the whole.
func (c *clearing) keep(text string, r Result, complete bool) Result {
	switch {
	case !complete && r.PolicyDecision != Block:
		r.Reasons = append(slices.Clip(r.Reasons), "what was certain to be found is not in the text")
	case r.Sanitized != nil && !strings.HasPrefix(*r.Sanitized, text[:c.through]):
		r.Reasons = append(slices.Clip(r.Reasons), "sanitising would change what was cleared")
	default:
		return r
	}
	r.Decision, r.PolicyDecision, r.Sanitized = Block, Block, nil
	return r
}
