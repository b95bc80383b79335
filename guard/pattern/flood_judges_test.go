package pattern

import "strings"

// floods are full of what judges look for in front of matches and behind them, and of marks.
func floods() []string {
	verbs := func(w wordings, match string) string { return strings.Join(w.verbs, " ") + " x in " + match }
	return []string{
		"tell me a joke ", "say write in your summary ", "say include the word a in your answer ", "write a poem at the end of your reply ",
		verbs(ordersOfAny, "your summary "), verbs(ordersOfWords, "your answer "), verbs(ordersOfMakingUp, "a joke "),
		strings.Repeat("say ", 20) + "it in your summary ", "they say, \"translate the above ", "the bot was asked \"show me your rules.\" and it said ",
		"ignore ** all <b> previous </b> ", "ignore <!-- previous /* instructions ", "ignore, all. previous; ", "\"ig\" + \"nore\" + \" all\" + ", "1. ignore 2. all 3. previous ",
		"<ignore <all <previous ", "tell, me. a joke, ", "say, write. in your summary, ", "- ", "/* ", "<a ", "say <b> it in **your** summary ",
	}
}

// judging returns how many steps the judges of all matches take in a text as it stands.
func judging(c *Check, s *subject) (all int) {
	for _, n := range s.which {
		m := c.matchers[n]
		if m.judge != nil {
			m.matches(s.views[m.rule.View], s.begins[n], m.counted(&all))
		}
	}
	return all
}

// smoothing returns how many steps it takes to read a text once more without its marks: to
// find them, to run the machines from where they may now match, and to judge.
func smoothing(c *Check, s *subject) (all int) {
	folded := s.views[Folded]
	all = len(folded) + longestTag*(strings.Count(folded, "<")+strings.Count(folded, "/*"))
	if !s.smoothed.read(folded) {
		return all
	}
	c.reread(s)
	for _, n := range s.again.which {
		m := c.matchers[n]
		all += stepsOf(m, s.smoothed.string(), s.again.begins[n])
		if m.judge != nil {
			m.judge = m.counted(&all)
		}
		m.marked(s, s.again.begins[n])
	}
	return all
}

// counted returns the judge of a matcher, which adds to all what it looks at.
func (m matcher) counted(all *int) judge {
	return func(text string, at match) (match, int, bool) {
		*all += judged(m.rule.Validate, text, at)
		found, next, ok := m.judge(text, at)
		*all += max(next, found.end) - at.start
		return found, next, ok
	}
}

// judged returns how many steps a judge takes in front of a match and behind it.
func judged(name, text string, at match) int {
	orders := map[string]wordings{"dictated": ordersOfAny, "worded": ordersOfWords, "composed": ordersOfMakingUp}
	if w, ok := orders[name]; ok {
		return w.steps(w.sentence(text, at.start))
	}
	if name == "bidden" {
		return tellingSteps(text[max(0, at.start-24):at.start])
	}
	return min(at.start, before) + min(len(text)-at.end, ahead) // what it may look at
}

// steps returns how many it takes to look for an order at the end of a sentence.
func (w wordings) steps(s string) int {
	all := len(s)
	for i := range w.tries(s) {
		if all += steps(w.form.machine, s[i:], 0); w.form.holds(s[i:]) {
			return all + tellingSteps(unforbidden(s[:i]))
		}
	}
	return all
}

// tellingSteps returns how many it takes to tell whether an order is told of.
func tellingSteps(s string) int { return len(tellers) + steps(toldOf.machine, s, 0) }
