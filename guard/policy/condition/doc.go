// Package condition compiles the conditions of a policy: CEL expressions over what
// was measured on a text and what the caller said of it.
//
// A condition that holds goes on holding, whatever else is found. The compiler
// proves it: what was measured can only rise, and it may only be used in ways in
// which a rise never turns true into false. So "!found(...)" and "risk() < 0.3" are
// refused, not tested. What the caller said may be used in any way.
//
// The language is small on purpose: there are no loops, no indexing, no division and
// no conversions, so nothing of it can fail and its cost is known when it is
// compiled. guard/policy decides what a condition means.
package condition
