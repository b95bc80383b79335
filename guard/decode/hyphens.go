package decode

import (
	"strings"
	"unicode/utf8"
)

// hyphens are what words are parted by at the ends of lines, from left to right: as one
// types it, the hyphens and dashes of print, a minus, a soft one.
type hyphens struct {
	text  string
	leads []string
	at    [len(hyphenLeads)]int // where each lead stands next; the length of the text: nowhere
}

const softHyphen = "\u00ad"

// hyphenLeads begin the hyphens, the first inClean of them those that are in clean texts.
// Each is looked for by itself, which is quicker than to look at every byte.
var hyphenLeads = [...]string{"-", ofPrint, softHyphen, "\ufe63", "\uff0d"}

const (
	inClean = 2
	ofPrint = "\xe2"
)

func newHyphens(text string, leads []string) hyphens {
	h := hyphens{text: text, leads: leads}
	for i := range leads {
		h.seek(i, 0)
	}
	return h
}

func (h *hyphens) seek(lead, from int) {
	if i := strings.Index(h.text[from:], h.leads[lead]); i >= 0 {
		h.at[lead] = from + i
	} else {
		h.at[lead] = len(h.text)
	}
}

// next returns where the next hyphen stands; it is not ok if there is none.
func (h *hyphens) next() (from, end int, ok bool) {
	for {
		first := 0
		for i := range h.leads {
			if h.at[i] < h.at[first] {
				first = i
			}
		}
		if from = h.at[first]; from == len(h.text) {
			return 0, 0, false
		}
		r, size := utf8.DecodeRuneInString(h.text[from:])
		h.seek(first, from+size)
		if h.text[from] != ofPrint[0] || '\u2010' <= r && r <= '\u2015' || r == '\u2212' { // it begins other characters too
			return from, from + size, true
		}
	}
}
