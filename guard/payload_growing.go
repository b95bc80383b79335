package guard

import (
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard/decode"
)

// PayloadsOpen returns the byte, counted from Base, from which on a payload may
// still be open at the end of a growing text: whatever follows the text, what it
// hides before that byte stays as Payloads has it, as long as the budget lasts. Of
// payloads that are as long as what they hide that is so for the phrases in them.
func (t *Text) PayloadsOpen() int {
	t.decode()
	return t.open
}

// PayloadsAround returns where the first payload begins that reaches over the byte
// at, or at if none does. A segment of a growing text begins there or before if it
// is to have the same payloads from at on; with some 1 KB before it, those too that
// are as long as what they hide.
func (t *Text) PayloadsAround(at int) int {
	t.decode()
	first := at
	for _, p := range t.payloads {
		if p.Kind.Even() {
			continue // what surrounds a phrase has room enough
		}
		for s := range p.Groups() {
			if s.End > at {
				first = min(first, s.Start)
			}
		}
	}
	return first
}

// received returns the first byte of the text as received that a tail names.
func (t *Text) received(tail decode.Tail) int {
	return min(t.Base+runeStart(t.Raw, tail.Raw), t.Clean.from(tail.Clean), t.Folded.from(tail.Folded))
}

// from returns where the character at byte i of the view comes from.
func (v View) from(i int) int {
	if v.Text == "" {
		return v.base
	}
	i = runeStart(v.Text, min(i, len(v.Text)-1))
	_, size := utf8.DecodeRuneInString(v.Text[i:])
	return v.Span(i, i+size).Start
}

// runeStart returns where the character at byte i begins; 0 for what lies before.
func runeStart(s string, i int) int {
	for i = max(i, 0); i > 0 && i < len(s) && !utf8.RuneStart(s[i]); i-- {
	}
	return i
}
