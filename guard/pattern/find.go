package pattern

import (
	"regexp/syntax"

	"github.com/portcullis-ai/portcullis/guard"
)

// maxFindings is how many findings one rule makes of a text. The last one then
// reaches from its own match to the very last: decisions count a rule once, and
// sanitising takes out what the findings cover, so neither loses anything.
const maxFindings = 1000

// find appends the rule's findings in text, which is the view of t that the rule
// reads.
func (m *matcher) find(t *guard.Text, text string, findings []guard.Finding) []guard.Finding {
	for i, at := range m.matches(text) {
		span := m.rule.View.span(t, at[0], at[1])
		if i >= maxFindings {
			findings[len(findings)-1].Span.End = span.End
			continue
		}
		findings = append(findings, guard.Finding{
			Check: "pattern", Rule: m.rule.ID, Category: m.rule.Category, Severity: m.rule.Severity,
			Score: m.rule.Score, Weak: m.rule.Weak, Span: &span, Message: m.rule.Description,
		})
	}
	return findings
}

// span returns where [start, end) of the view stands in the text as received.
func (v View) span(t *guard.Text, start, end int) guard.Span {
	switch v {
	case Folded:
		return t.Folded.Span(start, end)
	case Clean:
		return t.Clean.Span(start, end)
	default:
		return t.RawSpan(start, end)
	}
}

// matches returns where in text the rule hits, from left to right.
func (m *matcher) matches(text string) [][]int {
	if m.judge != nil {
		return m.judged(text)
	}
	all := m.re.FindAllStringSubmatchIndex(text, -1)
	for i, at := range all {
		all[i] = m.found(at)
	}
	return all
}

// found returns the part of a match that is the finding: its group, unless the
// match came about without it.
func (m *matcher) found(at []int) []int {
	if group := at[2*m.group:]; group[0] >= 0 {
		return group[:2]
	}
	return at[:2]
}

// judged returns the matches that the judge lets stand. A match that it refuses
// must not hide one that begins inside it, as a number before a card number
// does: the search goes on at the next word. That is exact because no match
// begins inside a word (see startsWord), and a word's end looks to an expression
// like the beginning of a text.
func (m *matcher) judged(text string) (hits [][]int) {
	for from := 0; from < len(text); {
		at := m.re.FindStringSubmatchIndex(text[from:])
		if at == nil {
			break
		}
		part := m.found(at)
		next, ok := m.judge(text, from+part[0], from+part[1])
		if ok {
			hits = append(hits, []int{from + part[0], next})
		}
		from = wordEnd(text, max(next, from+at[0]+1))
	}
	return hits
}

// wordEnd returns i, or the end of the word that i stands in.
func wordEnd(text string, i int) int {
	if i > 0 && i <= len(text) && syntax.IsWordChar(rune(text[i-1])) {
		for i < len(text) && syntax.IsWordChar(rune(text[i])) {
			i++
		}
	}
	return i
}
