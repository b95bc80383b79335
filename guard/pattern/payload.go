package pattern

import (
	"cmp"
	"context"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/decode"
)

// hidings are what the check says of a text that hides another one, by how.
var hidings = [decode.Kinds]struct{ rule, message string }{
	decode.Base64:   {"obfuscation.base64", "a text in base64"},
	decode.Base32:   {"obfuscation.base32", "a text in base32"},
	decode.Hex:      {"obfuscation.hex", "a text in hexadecimal"},
	decode.Numbers:  {"obfuscation.character-codes", "a text in numbers, one for each character"},
	decode.Escapes:  {"obfuscation.escapes", "a text in percent signs, HTML entities or backslashes"},
	decode.Hidden:   {"obfuscation.hidden-text", "a text in characters that nobody sees"},
	decode.Rot13:    {"obfuscation.rot13", "a text in ROT13"},
	decode.Reversed: {"obfuscation.reversed", "a text that runs backwards"},
	decode.Leet:     {"obfuscation.leetspeak", "words with digits and signs for letters"},
	decode.Spaced:   {"obfuscation.parted-letters", "words with something between their letters"},
	decode.Joined:   {"obfuscation.joined-words", "words with no space between them"},
	decode.Broken:   {"obfuscation.broken-words", "words parted at the ends of lines"},
	decode.Turned:   {"obfuscation.upside-down", "letters on their heads"},
}

// PayloadRules returns the ids of the findings that no rule file names.
func PayloadRules() []string {
	ids := []string{undecoded.Rule}
	for _, h := range hidings {
		ids = append(ids, h.rule)
	}
	return ids
}

const (
	// hidingWeight is that of a hidden text with nothing wrong in it.
	hidingWeight = 0.3
	// attackScore is above that of a finding which is as likely none: a task that
	// anybody may set is no attack because a letter of it is escaped.
	attackScore = 0.5
	// hidingScore is that of a hidden attack, and of a text that cannot be seen:
	// nobody writes one without a reason.
	hidingScore = 0.85
)

// undecoded is the finding of a text that hides more than is decoded. What nobody
// looked at is never cleared without a word.
var undecoded = guard.Finding{
	Check: "pattern", Rule: "obfuscation.undecoded", Category: guard.Obfuscation, Severity: guard.High, Score: 0.9,
	Message: "more is encoded, or encoded more often, than is decoded",
}

// inspectPayload appends what the rules find in a payload, and that it was hidden.
func (c *Check) inspectPayload(ctx context.Context, p *guard.Payload, findings *[]guard.Finding) (done float64, err error) {
	return c.inspectBeside(ctx, &plain{}, p, findings)
}

// inspectBeside is inspectPayload without what is in plain sight as well.
func (c *Check) inspectBeside(ctx context.Context, inSight *plain, p *guard.Payload, findings *[]guard.Finding) (done float64, err error) {
	s := c.scan(p.Text, p)
	defer c.release(s)
	first := len(*findings)
	done, err = c.find(ctx, s, findings)
	*findings = inSight.without(*findings, first)
	if f, ok := hiding(p, (*findings)[first:]); ok {
		*findings = append(*findings, f)
	}
	return done, err
}

// hiding returns the finding that a payload is one. It decides if what it hides is
// an attack. Of honest texts some are encoded and none is left out; that of others,
// a query of a URL or a name in a program, is not worth a word. Where it stands on what
// was found inside, it speaks of the same texts.
func hiding(p *guard.Payload, inside []guard.Finding) (guard.Finding, bool) {
	h := hidings[p.Kind]
	f := guard.Finding{
		Check: "pattern", Rule: h.rule, Category: guard.Obfuscation, Severity: guard.Low, Score: hidingWeight, Weak: true, Message: h.message,
	}
	i, from := ground(inside, isAttack)
	switch {
	case i >= 0 || p.Kind == decode.Hidden:
		f.Weak, f.Score, f.Severity = false, hidingScore, guard.High
		if p.Kind != decode.Hidden {
			f.From = from
		}
	case p.Kind >= decode.Escapes || !p.Language:
		if i, f.From = ground(inside, isAny); i < 0 {
			return f, false
		}
	}
	if i = max(i, 0); len(inside) > 0 {
		span := *inside[i].Span
		f.Span = &span
		return f, true
	}
	span, ok := p.Place()
	f.Span = &span
	return f, ok
}

func isAttack(f guard.Finding) bool {
	return !f.Weak && f.Category == guard.PromptInjection && f.Score > attackScore
}

func isAny(guard.Finding) bool { return true }

// ground returns the first of such findings that speaks of all texts, or else the first
// of them and of whose texts any of them speaks; -1 if there is none.
func ground(inside []guard.Finding, such func(guard.Finding) bool) (first int, from guard.Origins) {
	first = -1
	for i, f := range inside {
		switch {
		case !such(f):
			continue
		case f.From == 0:
			return i, 0
		case first < 0:
			first = i
		}
		from |= f.From
	}
	return first, from
}

// plain are the findings in a text as it stands.
type plain struct {
	findings []guard.Finding
	byRule   map[string][]guard.Span // in order and apart; nil until it is needed
}

// without drops those of findings[first:] that are known: the same rule found them,
// or a part of them, in plain sight.
func (p *plain) without(findings []guard.Finding, first int) []guard.Finding {
	if first == len(findings) {
		return findings
	}
	p.index()
	return append(findings[:first], slices.DeleteFunc(findings[first:], func(f guard.Finding) bool {
		spans := p.byRule[f.Rule]
		i, _ := slices.BinarySearchFunc(spans, f.Span.Start+1, func(s guard.Span, start int) int { return cmp.Compare(s.End, start) })
		return i < len(spans) && spans[i].Overlaps(*f.Span)
	})...)
}

func (p *plain) index() {
	if p.byRule != nil {
		return
	}
	p.byRule = make(map[string][]guard.Span)
	for _, f := range p.findings {
		p.byRule[f.Rule] = append(p.byRule[f.Rule], *f.Span)
	}
	for rule, spans := range p.byRule {
		slices.SortFunc(spans, func(a, b guard.Span) int { return cmp.Compare(a.Start, b.Start) })
		apart := spans[:1]
		for _, s := range spans[1:] {
			if last := &apart[len(apart)-1]; s.Start < last.End {
				last.End = max(last.End, s.End)
			} else {
				apart = append(apart, s)
			}
		}
		p.byRule[rule] = apart
	}
}
