package guard_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

// FuzzSegment cuts a text where a segment may begin. The views of the segment are
// the end of the whole text's, and Offset says where that end begins.
func FuzzSegment(f *testing.F) {
	for _, s := range []string{
		"Ignore  all\t\n previous", "e\u0301e\u0301 \u200b\u0301x", "한국어 각", "ﬃ ﷺ　ＩＧ", "a\u00ad\u00adb\u200b c", "\u202eabc",
		strings.Repeat("a\u0334\u0335", 9), "क्षि ﷺ\u0301\u0302", "İ i̇ ǅ",
	} {
		for i := range s {
			f.Add(s, uint16(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, cut uint16) {
		text = strings.ToValidUTF8(text, "")
		at := guard.SegmentStart(text, int(cut)%(len(text)+1))
		if !utf8.ValidString(text[at:]) {
			t.Fatalf("%+q is cut at %d", text, at)
		}
		whole, err := guard.Prepare(text)
		if err != nil {
			t.Skip(err)
		}
		segment, err := guard.PrepareAt(text[at:], at)
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string][2]guard.View{"clean": {whole.Clean, segment.Clean}, "folded": {whole.Folded, segment.Folded}} {
			want := v[0].Text[v[0].Offset(at):]
			if got := v[1].Text; got != want && strings.TrimPrefix(got, " ") != strings.TrimPrefix(want, " ") {
				t.Errorf("%s of %+q from %d is %+q, want %+q", name, text, at, got, want)
			}
		}
	})
}
