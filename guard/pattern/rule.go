package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// Rule is one thing to look for. Load reads rules from files; rules made in code
// are as good.
type Rule struct {
	ID          string // stable and public: "injection.ignore-previous"
	Description string // for people; the message of the findings
	Source      string // where it was read, for errors: "injection.yaml:12"
	Category    guard.Category
	Severity    guard.Severity
	// Score is the probability of harm where the rule hits. That of a weak rule
	// is its weight: it raises the risk and never decides alone.
	Score float64
	Weak  bool
	From  guard.Origins // of whose texts a hit is a finding
	// View is the text that the patterns read. The literals of a pattern that
	// reads Folded are folded when it is compiled, so they may be written in any
	// case and script.
	View View
	// Patterns are expressions of Go's regexp; the rule hits where one matches.
	// Where an expression has a group, the finding is the group; more than one is
	// refused, and so is a match that could be longer than MaxMatch, and one that
	// may begin with anything. One that begins with a rare word is the fastest.
	Patterns []string
	// Validate names the function that judges each match; see validators.
	Validate string
	// Placeholder replaces what was found when a text is sanitised: "[EMAIL]".
	Placeholder  string
	Hits, Misses []string // texts that the rule must hit, and must not
}

// View is one of the texts of a guard.Text.
type View uint8

// The views.
const (
	Folded View = iota
	Clean
	Raw

	viewCount = iota
)

var viewNames = map[string]View{"folded": Folded, "clean": Clean, "raw": Raw}

// defaultView is where a rule of the category looks unless it says otherwise:
// case matters in tokens, and only Raw holds hidden characters.
func defaultView(c guard.Category) View {
	switch c {
	case guard.SensitiveData, guard.Secret:
		return Clean
	case guard.Obfuscation:
		return Raw
	default:
		return Folded
	}
}

// Placeholders returns the placeholder of each rule that has one, by rule id.
func Placeholders(rules []Rule) map[string]string {
	byRule := make(map[string]string)
	for _, r := range rules {
		if r.Placeholder != "" {
			byRule[r.ID] = r.Placeholder
		}
	}
	return byRule
}

var (
	idForm          = regexp.MustCompile(`^[a-z0-9]+(?:[.-][a-z0-9]+)+$`)
	placeholderForm = regexp.MustCompile(`^\[[A-Z][A-Z0-9_]*\]$`)
)

// wrong says which rule an error is about; there may be none.
func (r Rule) wrong(err error) error {
	if err == nil {
		return nil
	}
	if r.Source != "" {
		return fmt.Errorf("%s: rule %s: %w", r.Source, r.ID, err)
	}
	return fmt.Errorf("rule %s: %w", r.ID, err)
}

// validate checks what can be told without compiling the pattern.
func (r Rule) validate() error {
	switch {
	case !idForm.MatchString(r.ID):
		return fmt.Errorf("id: %q must be words of a-z and 0-9 joined by dots and dashes", r.ID)
	case r.Description == "":
		return errors.New("description: say what a hit means")
	case r.Category == guard.Neutral:
		return errors.New("category: neutral marks what is no risk")
	case !(r.Score >= guard.ScoreFloor && r.Score <= 1):
		return fmt.Errorf("score or weight: %v is not between %v and 1", r.Score, guard.ScoreFloor)
	case len(r.Patterns) == 0 || slices.Contains(r.Patterns, ""):
		return errors.New("pattern: give an expression")
	case r.Placeholder != "" && !placeholderForm.MatchString(r.Placeholder):
		return fmt.Errorf("placeholder: %q must look like \"[EMAIL]\"", r.Placeholder)
	case len(r.Hits) == 0 || len(r.Misses) == 0:
		return errors.New("hits and misses: give at least one example of each")
	}
	return nil
}

// provesItself reports whether a match is one in a text too that was joined or turned to
// read it: check digits say so, or the form of a token, which no words have by accident.
func (r *Rule) provesItself() bool {
	switch r.Validate {
	case "luhn", "card", "iban", "jwt", "token", "azure":
		return true
	case "":
		return r.Category == guard.Secret
	}
	return false
}
