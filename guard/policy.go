package guard

// Policy turns a report into a verdict. It is pure and safe for concurrent use.
type Policy interface {
	Name() string
	// Digest identifies the rules of the policy: "sha256:...".
	Digest() string
	// Plan says which checks a text with this meta data needs. Its slices belong to the
	// policy: nobody changes them.
	Plan(Meta) Plan
	// Decide judges what has been measured so far. Checks that still run are
	// Pending and say nothing; one that failed, timed out or saw only a part of
	// the text means Block or Review. Another finding never makes it milder.
	Decide(Report) Verdict
	// Sanitize returns raw without what the report found. The engine calls it
	// when Decide says Sanitize, has what is left looked at again, and blocks if it
	// fails or changes nothing.
	Sanitize(raw string, r Report) (Redaction, error)
}

// Plan is what a policy asks for.
type Plan struct {
	// Checks names what must run. Checks not named are NotApplicable.
	Checks []string
	// First names those of Checks that run before the others start. If what they
	// found blocks, the others are CutShort: a text over its token limit never
	// costs an inference.
	First []string
	// EnoughTokens is the number of tokens above which the decision is Block whatever
	// else is found; 0: there is none. A check that counts may stop above it.
	EnoughTokens int
	// StopAtBlock cancels what still runs as soon as the decision is Block.
	StopAtBlock bool
	// DetectOnly answers Allow whatever the policy decides.
	DetectOnly bool
	// Whole says that Sanitize may change any part of a text, so that nothing of it
	// can be cleared while it is being written.
	Whole bool
	// TextDigest asks for Report.TextDigest.
	TextDigest bool
}

// Verdict is what a policy decided. The zero verdict blocks.
type Verdict struct {
	Decision Decision
	Risk     float64  // in [0, 1]; another finding never lowers it
	Reasons  []string // for people, the deciding one first; no part of the text
	// Findings are the policy's own, such as a limit that was passed or the
	// composite of weak hits. They name the check they belong to, or "policy".
	Findings []Finding
}
