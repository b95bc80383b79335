package pattern

import (
	"regexp"
	"strings"
)

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
func ordered(text string, at int, orders *regexp.Regexp) bool {
	const room = 120 // for the order and what makes it a tale
	s := text[max(0, at-room):at]
	if i := max(strings.LastIndex(s, ". "), strings.LastIndex(s, "! "), strings.LastIndex(s, "? ")); i >= 0 {
		s = s[i+2:]
	}
	for _, found := range orders.FindAllStringIndex(s, -1) {
		if !told.MatchString(forbidding.ReplaceAllString(s[:found[0]], "")) {
			return true
		}
	}
	return false
}

var (
	forbidding = regexp.MustCompile(`(?:do not|don't|never|please|always|also) $`)

	ordersOfAny = regexp.MustCompile(`\b(?:include|add|insert|append|mention|put|place|write|say|state|repeat|quote|hide|embed|show|print|praise|recommend|describe|omit|work|weave|leave|name|use|refer to|attach|slip|smuggle|replace|call) .{1,96}? ?\b(?:in|into|to|on|from|out of|with|throughout|after|before|(?:end|start|top|beginning|bottom|head|foot) of) $`)

	ordersOfMakingUp = regexp.MustCompile(`\b(?:write|compose|tell|give|make up|sing|recite|invent|create|draw|add|include|(?:finish|end|start|begin) with)(?: (?:me|us|him|them|the (?:user|reader)))?(?: [a-z-]{1,12}){0,3} $`)

	ordersOfWords = regexp.MustCompile(`\b(?:include|add|insert|append|mention|put|place|write|say|state|repeat|quote|hide|embed|show|print|use|work|weave|slip|smuggle|squeeze|attach) (?:` +
		`(?:(?:also|only|somewhere|always) )?(?:the (?:words?|phrase|text|sentence|string|link|url|following|emoji|slogan|hashtag)|this (?:link|sentence|text|word|url|phrase)|an? (?:link|emoji|joke|poem|haiku|limerick|riddle|recipe|advert|compliment|pun|hashtag)|["'*` + "`" + `#]|https?:|www\.)` +
		`.{0,96} (?:in|into|to|on|with|(?:end|start|top|beginning|bottom|head|foot) of) $|` +
		`.{1,96} (?:end|start|top|beginning|bottom|head|foot) of $)`)
)
