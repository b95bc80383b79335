package wordpiece

import (
	"strings"
	"testing"
)

// Whatever a vocabulary holds, it is refused, or gives windows that stay within their
// length and ids that it has.
func FuzzVocabulary(f *testing.F) {
	special := "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
	for _, seed := range []string{special + "a\n##b\nrome\n", special, "", "a\na\n", special + "##\n", special + "\n\n", special + "\xff\xfe\n", strings.ToLower(special), special + "a\r\n##b\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tokenizer, err := New(strings.NewReader(string(data)), Options{Lowercase: true, Window: 8, Overlap: 2})
		if err != nil {
			return
		}
		for _, w := range tokenizer.Encode("In Rome abab \u0301 it rains, ##b [CLS]") {
			if w.Len() > 8 {
				t.Errorf("a window of %d tokens", w.Len())
			}
			for _, id := range w.IDs {
				if id < 0 || int(id) >= tokenizer.Size() {
					t.Errorf("id %d of %d", id, tokenizer.Size())
				}
			}
		}
	})
}
