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
	"strings"
	"testing"
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
	h := sha256.New()
	for r := first; r < first+256; r++ {
		if 0xd800 <= r && r < 0xe000 {
			continue
		}
		h.Write([]byte(strings.Join(wordsAround(f, r), " ") + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))[:8]
}

// wordsAround returns the folded words of "a"+r+"b".
func wordsAround(f *folder, r rune) []string {
	var b strings.Builder
	b.WriteByte('a')
	for _, part := range partsOf(f, r) {
		switch part.kind() {
		case letter:
			b.WriteRune(part.rune())
		case alone:
			b.WriteString(" " + string(part.rune()) + " ")
		case space:
			b.WriteByte(' ')
		}
	}
	b.WriteByte('b')
	return strings.Split(strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == ' ' }), " "), " ")
}

// partsOf reads ASCII through the byte table, as a scan does.
func partsOf(f *folder, r rune) []folded {
	if r < 0x80 {
		small := r
		if f.lower {
			small = rune(lowerASCII[r])
		}
		return [][]folded{
			letterByte:      {fold(letter, small, 0)},
			spaceByte:       {fold(space, ' ', 0)},
			punctuationByte: {fold(alone, r, 0)},
			controlByte:     nil,
		}[ascii[r]]
	}
	p := f.page(r)
	if e := p.folds[r&255]; e.kind() == several {
		return p.more[e.rune()>>8:][:e.rune()&255]
	}
	return p.folds[r&255 : r&255+1]
}
