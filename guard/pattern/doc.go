// Package pattern is the check named "pattern": it finds injection phrases,
// personal data, secrets and hidden characters by rules that are data.
//
//	rule file → Load → []Rule → New (folds, bounds, proves) → Check → findings
//
// A rule file is YAML. Each rule carries texts that it must hit and texts that
// it must miss, and New refuses one that does not keep to its own examples. A
// finding says where and by which rule, never what: no part of the text.
//
// Every text is an attack. Expressions are RE2's, their matches are bounded, and
// what the validators read they also skip, so the work is linear in the text.
package pattern
