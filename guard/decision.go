package guard

// Decision is what the caller must do with a text. A smaller one is stricter,
// and the zero value blocks: a verdict that nobody filled in lets nothing pass.
type Decision uint8

// The decisions, strictest first.
const (
	Block    Decision = iota
	Review            // hold it for a person
	Sanitize          // use the sanitised text in its place
	Allow
)

var decisionNames = [...]string{Block: "BLOCK", Review: "REVIEW", Sanitize: "SANITIZE", Allow: "ALLOW"}

func (d Decision) String() string { return name(decisionNames[:], int(d), "BLOCK") }

// Category is what a finding is about.
type Category uint8

// The categories of the contract; Other is a rule outside the list.
const (
	Other Category = iota
	PromptInjection
	Toxicity
	TokenLimit
	SensitiveData
	Secret
	Obfuscation
	// Neutral marks a label that is no risk, such as a model's "safe". It never
	// becomes a finding.
	Neutral
)

var categoryNames = [...]string{
	Other: "other", PromptInjection: "prompt_injection", Toxicity: "toxicity", TokenLimit: "token_limit",
	SensitiveData: "sensitive_data", Secret: "secret", Obfuscation: "obfuscation", Neutral: "neutral",
}

func (c Category) String() string { return name(categoryNames[:], int(c), "other") }

// ParseCategory is the reverse of String; ok is false for a name it does not know.
func ParseCategory(s string) (c Category, ok bool) {
	i, ok := index(categoryNames[:], s)
	return Category(i), ok
}

// Severity grades a finding for people and alerts. It decides nothing.
type Severity uint8

// The severities, mildest first.
const (
	SeverityUnset Severity = iota
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{SeverityUnset: "unset", Low: "low", Medium: "medium", High: "high", Critical: "critical"}

func (s Severity) String() string { return name(severityNames[:], int(s), "unset") }

// ParseSeverity is the reverse of String; ok is false for a name it does not know.
func ParseSeverity(s string) (v Severity, ok bool) {
	i, ok := index(severityNames[:], s)
	return Severity(i), ok
}

// Direction tells whether a text is about to enter the agent or to leave it.
type Direction uint8

// The directions; a text of unknown direction is taken for input.
const (
	Input Direction = iota
	Output
)

func (d Direction) String() string { return name([]string{"input", "output"}, int(d), "input") }

// Origin tells who wrote a text.
type Origin uint8

// The origins. OriginUser is the zero value for input; the server sets
// OriginModel where an output names none.
const (
	OriginUser Origin = iota
	OriginTool
	OriginDocument
	OriginModel
	OriginSystem
)

var originNames = [...]string{"user", "tool", "document", "model", "system"}

func (o Origin) String() string { return name(originNames[:], int(o), "user") }

// ParseOrigin is the reverse of String; ok is false for a name it does not know.
func ParseOrigin(s string) (o Origin, ok bool) {
	i, ok := index(originNames[:], s)
	return Origin(i), ok
}

func name(names []string, i int, fallback string) string {
	if i < len(names) {
		return names[i]
	}
	return fallback
}

func index(names []string, s string) (int, bool) {
	for i, n := range names {
		if n == s {
			return i, true
		}
	}
	return 0, false
}
