package pattern

import "strings"

// bidden lets a task stand that is set, not one that is told of: "Translate the above",
// but not "they translate the above", "to translate the above". A line that has no full
// stop at its end is common in front of a task, so what stands there is asked, and not
// whether a sentence begins.
func bidden(text string, m match) (match, int, bool) {
	const before = 24
	return verdict(m, !told(text[max(0, m.start-before):m.start]))
}

// told reports whether a text ends with what turns the verb behind it into something
// other than an order: somebody who does it, a verb that governs it, what makes a noun of
// it, who is quoted with it. "You must" is an order.
func told(before string) bool {
	for _, word := range tellers {
		if rest, ok := strings.CutSuffix(before, word); ok && (rest == "" || strings.IndexByte(` .,!?:;"'(`, rest[len(rest)-1]) >= 0) {
			return true
		}
	}
	return toldOf.holds(before)
}

// tellers are such words. They are no part of the expression: a word at the end of a text
// is compared with it, and takes no state of a machine.
var tellers = spaced(`to not don't doesn't didn't cannot can't won't never can could will would may might shall did does do let's help helps ` +
	`i we you they he she it people kids students pupils users children guests members candidates who which that ` +
	`ich wer je tu il elle qui el ella usted que quien lui lei che chi non ele ela quem nao ` +
	`how why when where what if or the a an my his her their our its of for by with some any no this`)

// spaced returns the words of a list, each with a space behind it.
func spaced(words string) []string {
	all := strings.Fields(words)
	for i := range all {
		all[i] += " "
	}
	return all
}

var toldOf = newTied(anywhere + `(?:(?:^|[ .,!?:;"'(])(?:let us|[a-z]{0,9}'(?:ll|d|ve|re)|` +
	`(?:i|we|they|he|she|it|people|students|pupils|users|children|guests|members|candidates|who|which|that) (?:must|should)|` +
	`(?:let|lets|have|had|make|makes|made) (?:the )?[a-z]{1,9}) $|` +
	`\b(?:such as|like|phrase|sentence|line|text|example|prompt|called|reads?|said|says?|wrote|writes|typed?),?:? ["'*` + "`" + `]{1,2}$)`)
