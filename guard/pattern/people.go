package pattern

import (
	"regexp"

	"github.com/portcullis-ai/portcullis/guard"
)

// order lets a match stand that is not said among people.
func order(text string, m match) (match, int, bool) { return m, m.end, !amongPeople(text, m) }

// remark lets a match stand that is said among people.
func remark(text string, m match) (match, int, bool) { return m, m.end, amongPeople(text, m) }

// willed lets an order stand that is not turned into its opposite by the word before
// it: "do not forget" says to keep in mind.
func willed(text string, m match) (match, int, bool) {
	const before = 24
	return verdict(m, !negation.MatchString(text[max(0, m.start-before):m.start]))
}

// negation is written as texts are folded.
var negation = regexp.MustCompile(guard.Fold(`(?:^|[ .,!?:;"(])(?:не|nu|inte|ikke|jangan|ne|nie|niet|không|đừng|never|do not|don't|μην) $|อย่า ?$|(?:אל|לא) ת?$`))

// amongPeople reports whether people are told about some matter of theirs: a
// salutation or a report in front, a topic behind that ends the sentence and is
// none that a model has instructions about. Both must be there, for either alone
// is easily put around an attack.
func amongPeople(text string, m match) bool {
	const before, behind = 64, 96
	return topicEnds(text[m.end:min(len(text), m.end+behind)]) && // the cheaper one first
		toPeople.holds(text[max(0, m.start-before):m.start])
}

var (
	toPeople = newTied(anywhere + `(?:\b(?:told|asked|instructed|ordered|advised|wants|wanted|reminded|allowed) (?:us|me|them|him|her|everyone|everybody|people|students|staff) (?:not )?to|` +
		`(?:^|[.!?:;)] )(?:(?:hi|hello|dear) )?(?:team|all|everyone|everybody|folks|guys|class|students|colleagues|staff|neighbou?rs)[,!:])(?: (?:please|kindly|just|can you|could you|you can|you may))*,? $`)
	topic   = regexp.MustCompile(`^ (?:about|regarding|concerning|for|on) ((?:[a-z-]+ ){0,4}[a-z-]+) ?(?:[.!?]|$)`)
	ofModel = newTied(anywhere + `\b(?:your?|yourself|models?|ai|assistant|chatbot|prompts?|safety|content|polic(?:y|ies)|ethics|ethical|moral|harm\w*|respon\w+|answer\w*|reply\w*|output\w*|refus\w+|format\w*|users?|system|tools?|secrets?|secrecy|confidential\w*|privacy|security|this|that|these|conversation|chat|task|and|then|instead|now)\b`)
)

// topicEnds reports whether text begins with a topic of people.
func topicEnds(text string) bool {
	found := topic.FindStringSubmatch(text)
	return found != nil && !ofModel.holds(found[1])
}
