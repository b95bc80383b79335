package wordpiece

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf8"
)

// TestShared replays the cases that the project was given. They lie outside
// the repository and may not be copied into it.
func TestShared(t *testing.T) {
	shared := os.Getenv("PORTCULLIS_SHARED")
	if shared == "" {
		t.Skip("PORTCULLIS_SHARED is not set: it names the folder that holds spec/wordpiece_golden.json")
	}
	data, err := os.ReadFile(filepath.Join(shared, "spec", "wordpiece_golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name string
		Text string
		Pair *string `json:"text_pair"`
		IDs  []int32
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	tok := load(t, uncased)
	for _, c := range cases {
		got := tok.Encode(c.Text)[0].IDs
		if c.Pair != nil { // the second text follows without its [CLS]
			got = append(got, tok.Encode(*c.Pair)[0].IDs[1:]...)
		}
		if !slices.Equal(got, c.IDs) {
			t.Errorf("%s: %q\n got %v\nwant %v", c.Name, c.Text, got, c.IDs)
		}
	}
	t.Logf("%d cases", len(cases))
}

// reference reads testdata/golden.jsonl.gz: the head, then a row for each call.
func reference(t *testing.T) (*json.Decoder, referenceHead) {
	t.Helper()
	f, err := os.Open("testdata/golden.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	unzip, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	rows := json.NewDecoder(unzip)
	var head referenceHead
	if err := rows.Decode(&head); err != nil {
		t.Fatal(err)
	}
	return rows, head
}

// referenceHead has a digest for each 256 code points: of the words that the
// reference makes of "a"+c+"b".
type referenceHead struct {
	Tokenizers     string
	Uncased, Cased []string
}

// TestReference compares ids with those of the reference on generated texts of
// every script.
func TestReference(t *testing.T) {
	rows, head := reference(t)
	cased := uncased
	cased.Lowercase = false
	small, large := load(t, uncased), load(t, cased)
	texts, wrong := 0, 0
	check := func(tok *Tokenizer, name, text string, want []int32) {
		if got := tok.AppendIDs(nil, text); !slices.Equal(got, want) && wrong < 10 {
			wrong++
			t.Errorf("%s %+q\n got %v\nwant %v", name, text, got, want)
		}
	}
	for ; rows.More(); texts++ {
		var row struct {
			Text       string
			IDs, Cased []int32
		}
		if err := rows.Decode(&row); err != nil {
			t.Fatal(err)
		}
		check(small, "uncased", row.Text, row.IDs)
		if row.Cased != nil {
			check(large, "cased", row.Text, row.Cased)
		}
	}
	if texts < 3000 {
		t.Errorf("%d texts, want a few thousand", texts)
	}
	t.Logf("%d texts against tokenizers %s", texts, head.Tokenizers)
}

// TestEveryCodePoint compares what each of the 1.1 million code points does to
// a word with what it does in the reference. It is what notices a change of the
// Unicode tables in Go or x/text.
func TestEveryCodePoint(t *testing.T) {
	_, head := reference(t)
	for name, c := range map[string]struct {
		folder *folder
		want   []string
	}{
		"uncased": {&folder{strip: true, lower: true}, head.Uncased},
		"cased":   {&folder{}, head.Cased},
	} {
		if len(c.want) != len(c.folder.pages) {
			t.Fatalf("%d digests of %d pages", len(c.want), len(c.folder.pages))
		}
		for page, want := range c.want {
			if got := digestPage(c.folder, rune(page)<<8); got != want {
				t.Errorf("%s: code points from U+%04X on differ from the reference", name, page<<8)
			}
		}
	}
}

func digestPage(f *folder, first rune) string {
	var words []byte
	for r := first; r < first+256; r++ {
		if r < 0xd800 || 0xe000 <= r {
			words = append(appendWords(words, f, r), '\n')
		}
	}
	sum := sha256.Sum256(words)
	return hex.EncodeToString(sum[:4])
}

// appendWords appends the folded words of "a"+r+"b", a space between them.
func appendWords(words []byte, f *folder, r rune) []byte {
	words = append(words, 'a')
	cut := false // a word is over and the next has not begun
	for _, part := range partsOf(f, r) {
		k := part.kind()
		if k == letter || k == alone {
			if cut || k == alone {
				words = append(words, ' ')
			}
			words = utf8.AppendRune(words, part.rune())
		}
		cut = k == alone || k == space || cut && k != letter
	}
	if cut {
		words = append(words, ' ')
	}
	return append(words, 'b')
}

// partsOf reads ASCII through the byte table, as a scan does.
func partsOf(f *folder, r rune) []folded {
	if r < utf8.RuneSelf {
		return asciiPart(f, r)
	}
	p := f.page(r)
	if e := p.folds[r&255]; e.kind() == several {
		return p.more[e.rune()>>8:][:e.rune()&255]
	}
	return p.folds[r&255 : r&255+1]
}

func asciiPart(f *folder, r rune) []folded {
	switch ascii[r] {
	case spaceByte:
		return []folded{fold(space, ' ', 0)}
	case punctuationByte:
		return []folded{fold(alone, r, 0)}
	case letterByte:
		if f.lower {
			r = rune(lowerASCII[r])
		}
		return []folded{fold(letter, r, 0)}
	}
	return nil
}
