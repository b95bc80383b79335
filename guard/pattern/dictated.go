package pattern

import "strings"

// dictated lets the mention of an answer stand that an order in front of it is about:
// "Hide this link in your summary".
func dictated(text string, m match) (match, int, bool) {
	return verdict(m, ordered(text, m.start, ordersOfAny))
}

// worded is dictated for what people ask of each other's answers too, an order number or
// a name. What remains are words, links and jokes.
func worded(text string, m match) (match, int, bool) {
	return verdict(m, ordered(text, m.start, ordersOfWords))
}

// composed lets stand what an order right in front asks to be made up: "Tell us a joke".
func composed(text string, m match) (match, int, bool) {
	return verdict(m, ordered(text, m.start, ordersOfMakingUp))
}

// ordered reports whether one of the orders, to whose end text[:at] must belong, is set
// in its sentence, and not told of. What is forbidden is ordered as well.
func ordered(text string, at int, o wordings) bool {
	s := o.sentence(text, at)
	begin, ok := o.among(s)
	return ok && !told(unforbidden(s[:begin]))
}

// sentence returns what there is room for in front of a match, of its sentence.
func (w wordings) sentence(text string, at int) string {
	s := text[max(0, at-w.room):at]
	for i := len(s) - 1; i > 0; i-- {
		if before := s[i-1]; s[i] == ' ' && (before == '.' || before == '!' || before == '?') {
			return s[i+1:]
		}
	}
	return s
}

// unforbidden returns the end of what stands in front of an order, as far as it can tell
// of one, without what forbids it.
func unforbidden(s string) string {
	const before = 40 // the longest that tells of an order, and what forbids
	s = s[max(0, len(s)-before):]
	for _, word := range []string{"do not ", "don't ", "never ", "please ", "always ", "also "} {
		if rest, ok := strings.CutSuffix(s, word); ok {
			return rest
		}
	}
	return s
}

var (
	ordersOfAny = newWordings(120, 0, `include|add|insert|append|mention|put|place|write|say|state|repeat|quote|hide|embed|show|print|praise|recommend|describe|omit|work|weave|leave|name|use|refer to|attach|slip|smuggle|replace|call`,
		`in into to on from of with throughout after before`,
		` .{1,96}? ?\b(?:in|into|to|on|from|out of|with|throughout|after|before|(?:end|start|top|beginning|bottom|head|foot) of) $`)

	ordersOfWords = newWordings(120, 0, `include|add|insert|append|mention|put|place|write|say|state|repeat|quote|hide|embed|show|print|use|work|weave|slip|smuggle|squeeze|attach`,
		`in into to on of with`,
		` (?:(?:(?:also|only|somewhere|always) )?(?:the (?:words?|phrase|text|sentence|string|link|url|following|emoji|slogan|hashtag)|this (?:link|sentence|text|word|url|phrase)|an? (?:link|emoji|joke|poem|haiku|limerick|riddle|recipe|advert|compliment|pun|hashtag)|["'*`+"`"+`#]|https?:|www\.)`+
			`.{0,96} (?:in|into|to|on|with|(?:end|start|top|beginning|bottom|head|foot) of) $|`+
			`.{1,96} (?:end|start|top|beginning|bottom|head|foot) of $)`)

	ordersOfMakingUp = newWordings(120, 7, `write|compose|tell|give|make up|sing|recite|invent|create|draw|add|include|finish with|end with|start with|begin with`, ``,
		`(?: (?:me|us|him|them|the (?:user|reader)))?(?: [a-z-]{1,12}){0,3} $`)
)
