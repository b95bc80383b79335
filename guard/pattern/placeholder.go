package pattern

import "regexp"

// Placeholders in a text stand for what was found in it. A rule that looks at
// what surrounds a match looks for them too, so that it judges the match as it
// did before.
const longestPlaceholder = 40

var (
	placeholderFirst = regexp.MustCompile(`^\[[A-Z][A-Z0-9_]*\]`)
	placeholderLast  = regexp.MustCompile(`\[[A-Z][A-Z0-9_]*\]$`)
)

// behindPlaceholder reports whether text ends with a placeholder.
func behindPlaceholder(text string) bool {
	return placeholderLast.MatchString(text[max(0, len(text)-longestPlaceholder):])
}

// beforePlaceholder reports whether text begins with a placeholder.
func beforePlaceholder(text string) bool {
	return placeholderFirst.MatchString(text[:min(len(text), longestPlaceholder)])
}
