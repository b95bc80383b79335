package decode_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

// FuzzFind: whatever the text, readings are UTF-8 within the budget, and every range
// of one stands for whole characters of the text as received.
func FuzzFind(f *testing.F) {
	for _, encode := range encodings {
		f.Add(before+encode(attack)+after, uint16(3))
	}
	f.Add("%25%25%41\u0301&#0;&#x110000;\\ud800\\udc00\\u{}=", uint16(0))
	f.Add("\U0001F3F4\U000E0067\U000E007F\u200b\u200c\ufe0f1a@!|", uint16(9))
	f.Fuzz(func(t *testing.T, raw string, at uint16) {
		text, err := guard.PrepareAt(raw, 5)
		if err != nil {
			return
		}
		payloads, _ := text.Payloads()
		total := 0
		for _, p := range payloads {
			total += len(p.Raw)
			if !utf8.ValidString(p.Raw) {
				t.Fatalf("%s: %q", p.How, p.Raw)
			}
			checkPlace(t, raw, p, int(at))
			for s := range p.Groups() {
				if s.Start < 5 || s.End > len(raw)+5 || s.Len() <= 0 {
					t.Fatalf("%s: group %v", p.How, s)
				}
			}
		}
		if total > 8*(2*len(raw)+64<<10) { // the budget, and what parts stretches
			t.Fatalf("%d bytes of %d", total, len(raw))
		}
		if open := text.PayloadsOpen(); open < 5 || open > len(raw)+5 || !utf8.RuneStart((raw + "x")[open-5]) {
			t.Fatalf("open from %d", open)
		}
	})
}

func checkPlace(t *testing.T, raw string, p *guard.Payload, at int) {
	t.Helper()
	if len(p.Raw) == 0 {
		t.Fatalf("%s: an empty payload", p.How)
	}
	start := at % len(p.Raw)
	for s, ok := range map[guard.Span]bool{p.Reach(guard.Span{Start: start, End: start + 1}): true, p.Reach(guard.Span{Start: start / 2, End: start + 1}): true} {
		if ok && (s.Start < 5 || s.End > len(raw)+5 || s.Len() <= 0 || !utf8.ValidString(raw[s.Start-5:s.End-5])) {
			t.Fatalf("%s: span %v of %q", p.How, s, raw)
		}
	}
}

// FuzzPlanted: what is encoded is read again wherever it is put, also once more
// encoded.
func FuzzPlanted(f *testing.F) {
	names := slices.Sorted(maps.Keys(encodings))
	for i := range names {
		f.Add(before, after, uint8(i), uint8(200))
		f.Add("Notes.\n", "", uint8(i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, before, after string, inner, outer uint8) {
		name := names[int(inner)%len(names)]
		hidden := encodings[name](attack)
		if twice := names[int(outer)%len(names)]; strings.HasPrefix(twice, "base64") || strings.HasPrefix(twice, "hex") {
			hidden, name = encodings[twice](hidden), name+" in "+twice
		}
		text, err := guard.Prepare(before + " . " + hidden + " . " + after)
		if err != nil || strings.ContainsFunc(before+after, func(r rune) bool { return r != ' ' && (r < 'a' || r > 'z') }) {
			return // other codes beside it are another text
		}
		payloads, all := text.Payloads()
		for _, p := range payloads {
			if strings.Contains(p.Folded.Text, attack) {
				return
			}
		}
		if all {
			t.Fatalf("%s: not read in %q", name, text.Raw)
		}
	})
}
