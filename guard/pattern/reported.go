package pattern

import "regexp"

// posed is order for what a text may tell of as well: that somebody asked it of a machine,
// in quotation marks, and what came of it. A phrase in quotation marks alone is no report,
// nor is one that is only said to be somebody's, for either is easily put around an attack.
func posed(text string, m match) (match, int, bool) {
	return m, m.end, !amongPeople(text, m) && !reported(text, m)
}

// reported reports whether a match is all that is quoted, by words about the past, and
// words about the past go on behind it without a word to the reader or an order, as far
// as a judge looks.
func reported(text string, m match) bool {
	const before, behind = 48, 128
	rest := text[m.end:min(len(text), m.end+behind)]
	return quoteGoesOn.MatchString(rest) && // seldom, and tied to one place
		!toReader.MatchString(rest) && quotes.MatchString(text[max(0, m.start-before):m.start])
}

// All are written as texts are folded.
var (
	quotes = regexp.MustCompile(`(?:^|[^a-z])(?:(?:it|he|she|they|who|bot|chatbot|assistant|model|helper|it's|which|that) (?:was|were|is|had been|has been|got) asked|` +
		`(?:somebody|someone|user|users|visitor|customer|caller|pupil|student|tester|he|she|they|we|people|who) (?:had |has |have )?(?:asked|wrote|typed|entered|said|tried|sent|pasted|posted)` +
		`(?: (?:it|him|her|them|in|the (?:bot|chatbot|assistant|model)|our (?:bot|chatbot|assistant|model)))?)[,:]? ["'“‘«]$`)
	quoteGoesOn = regexp.MustCompile(`^[.!?]?["'”’»],? (?:and|but|it|he|she|they|which|the (?:bot|chatbot|assistant|model))(?: (?:then|only|it|he|she|they|the (?:bot|chatbot|assistant|model))){0,2} ` +
		`(?:answered|replied|responded|refused|declined|listed|gave|got|said|told|did|recited|showed|printed|repeated|was|wrote|explained|changed|laughed|ended)\b`)
	toReader = regexp.MustCompile(`(?s)["'”’»].*?(?:\b(?:you|your|yourself|now|must|should|please|let us|do (?:so|it|that|this|likewise)|the same)\b|` +
		`(?:[.!?;:,–—-]["'”’»)]?|\b(?:and|so|then)) (?:(?:and|so|then|next|also|just),? )?(?:obey|comply|heed|fulfil|fulfill|carry out|act|answer|reply|respond|follow|repeat|print|show|` +
		`tell|give|list|recite|reveal|display|state|output|write|say|continue|proceed|go ahead|grant|honou?r|satisfy|execute|treat|do)\b)`)
)
