package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// randomPolicy writes a policy file and loads it: lines, weights, overrides, lists and
// conditions at random.
func randomPolicy(t *testing.T, r *rand.Rand) guard.Policy {
	t.Helper()
	var b strings.Builder
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	fmt.Fprintf(&b, "checks: [%s]\n", pick("tokens", "tokens, pattern", "tokens, pattern, models"))
	fmt.Fprintf(&b, "on_failure: %s\n", pick("block", "review"))
	fmt.Fprintf(&b, "stop_at_block: %v\n", r.IntN(2) == 0)
	fmt.Fprintf(&b, "limits: {tokens: {max: %d, action: %s, weight: %.2f}}\n", 1+r.IntN(6000), pick("block", "review"), r.Float64())
	b.WriteString(randomCategories(r, "", pick))
	fmt.Fprintf(&b, "overrides:\n  - origins: [%s]\n    allow: {rules: [%s]}\n", pick("tool", "document, tool", ""), pick("a", "pii.email", "toxic-bert/toxic", "planted.*", ""))
	b.WriteString(randomCategories(r, "    ", pick))
	fmt.Fprintf(&b, "allow: {rules: [%s], texts: [%s]}\n", pick("", "", "b", "secret.aws, b"), pick("", abc))
	b.WriteString("conditions:\n")
	for i := range r.IntN(4) {
		fmt.Fprintf(&b, "  - {name: c%d, when: '%s', then: %s}\n", i, randomCondition(r, pick), pick("block", "review", "sanitize"))
	}
	return parsePolicy(t, b.String())
}

// randomCategories keeps the lines in the order in which all of them can be reached.
func randomCategories(r *rand.Rand, indent string, pick func(...string) string) string {
	out := indent + "categories:\n"
	for c := range guard.Neutral {
		if c == guard.TokenLimit {
			continue
		}
		out += fmt.Sprintf("%s  %s: {weight: %.2f, block: %.2f, review: %.2f", indent, c, r.Float64(), 0.6+0.4*r.Float64(), 0.3+0.2*r.Float64())
		if replaceable(c) {
			out += fmt.Sprintf(", sanitize: %.2f", 0.1+0.1*r.Float64())
		}
		if !replaceable(c) {
			out += fmt.Sprintf(", lifted_by: [%s]", pick("", "a", "planted.*", "planted.a, b"))
		}
		out += fmt.Sprintf(", rules: {%s: {block: %.2f}}", pick("c", "planted.*", "planted.b"), 0.1+0.9*r.Float64())
		out += "}\n"
	}
	return out
}

// randomCondition joins comparisons of what was measured with what was said.
func randomCondition(r *rand.Rand, pick func(...string) string) string {
	part := func() string {
		return pick(
			fmt.Sprintf(`worst("%s") >= %.2f`, pick("prompt_injection", "toxicity", "sensitive_data", "other"), r.Float64()),
			fmt.Sprintf(`count("%s") > %d`, pick("secret", "toxicity", "obfuscation"), r.IntN(3)),
			fmt.Sprintf(`%.2f < score("%s")`, r.Float64(), pick("toxic", "toxic-bert/injection")),
			fmt.Sprintf(`found("%s")`, pick("a", "b", "pii.email", "toxic-bert/obscene")),
			fmt.Sprintf(`tokens() >= %d`, r.IntN(6000)),
			fmt.Sprintf(`risk() + 0.5 * score("toxic") >= %.2f`, r.Float64()),
			`!(origin == "tool")`, `direction != "output"`, `annotation("team") == "red"`,
		)
	}
	out := part()
	for range r.IntN(3) {
		out = fmt.Sprintf("(%s %s %s)", out, pick("&&", "||"), part())
	}
	return out
}
