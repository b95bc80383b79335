package pattern

import "regexp"

// bidden lets a task stand that is set, not one that is told of: "Translate the above",
// but not "they translate the above", "to translate the above". A line that has no full
// stop at its end is common in front of a task, so what stands there is asked, and not
// whether a sentence begins.
func bidden(text string, m match) (match, int, bool) {
	const before = 24
	return verdict(m, !told.MatchString(text[max(0, m.start-before):m.start]))
}

// told is what turns the verb behind it into something other than an order: somebody who
// does it, a verb that governs it, what makes a noun of it, who is quoted with it. "You
// must" is an order.
var told = regexp.MustCompile(`(?:^|[ .,!?:;"'(])(?:` +
	`to|not|don't|doesn't|didn't|cannot|can't|won't|never|can|could|will|would|may|might|shall|did|does|do|let's|let us|help|helps|` +
	`i|we|you|they|he|she|it|people|kids|students|pupils|users|children|guests|members|candidates|who|which|that|[a-z]{0,9}'(?:ll|d|ve|re)|` +
	`(?:i|we|they|he|she|it|people|students|pupils|users|children|guests|members|candidates|who|which|that) (?:must|should)|` +
	`ich|wer|je|tu|il|elle|qui|el|ella|usted|que|quien|lui|lei|che|chi|non|ele|ela|quem|nao|` +
	`(?:let|lets|have|had|make|makes|made) (?:the )?[a-z]{1,9}|how|why|when|where|what|if|or|the|an?|my|his|her|their|our|its|of|for|by|with|some|any|no|this) $|` +
	`\b(?:such as|like|phrase|sentence|line|text|example|prompt|called|reads?|said|says?|wrote|writes|typed?),?:? ["'*` + "`" + `]{1,2}$`)
