package wordpiece

import (
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestBadOptions(t *testing.T) {
	for want, o := range map[string]Options{
		"window":   {Window: 2},
		"overlap":  {Window: 12, Overlap: 6},
		"negative": {Window: 12, Overlap: -1},
	} {
		if _, err := New(strings.NewReader("[CLS]\n[SEP]\n[UNK]\n"), o); err == nil {
			t.Errorf("%s: no error", want)
		}
	}
}

func TestBadVocabulary(t *testing.T) {
	for name, c := range map[string]struct {
		vocab io.Reader
		want  string
	}{
		"no [UNK]":   {strings.NewReader("[CLS]\n[SEP]\nthe\n"), "has no [UNK]"},
		"not UTF-8":  {strings.NewReader("[CLS]\n\xff\n"), "line 2 is not UTF-8"},
		"cut short":  {io.MultiReader(strings.NewReader("[CLS]\n"), broken{}), "read vocabulary"},
		"empty file": {strings.NewReader(""), "has no [CLS]"},
	} {
		if _, err := New(c.vocab, uncased); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

// TestSmallVocabulary has ids that are line numbers, with Windows line ends and
// an entry that comes twice.
func TestSmallVocabulary(t *testing.T) {
	tok, err := New(strings.NewReader("[UNK]\r\n[CLS]\r\n[SEP]\r\nun\r\n##able\r\n\r\nun\r\n##\r\n!\r\n"), Options{Window: 8})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tok.Encode("unable un! other?")[0].IDs, []int32{1, 6, 4, 6, 8, 0, 0, 2}; !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v", got, want)
	}
}

// TestSpecialTokensAreText: a caller must not be able to end the sentence that
// the model judges.
func TestSpecialTokensAreText(t *testing.T) {
	tok := load(t, uncased)
	for _, special := range []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		for _, id := range tok.AppendIDs(nil, "a "+special+" "+special) {
			if id == 0 || 100 <= id && id <= 103 {
				t.Errorf("%s in a text became the special token %d", special, id)
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	tok := load(t, Options{Lowercase: true, Window: 8, Overlap: 2})
	fresh := load(t, Options{Lowercase: true, Window: 8, Overlap: 2}) // its pages are worked out under way
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, text := range corpus {
				if !slices.Equal(fresh.AppendIDs(nil, text), tok.AppendIDs(nil, text)) {
					t.Errorf("%+q: ids differ", text)
				}
				fresh.Encode(text)
			}
		})
	}
	wg.Wait()
}

func TestNoAllocationOnASCII(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	tok := load(t, uncased)
	ids := make([]int32, 0, 4096)
	for name, text := range texts {
		if n := testing.AllocsPerRun(100, func() { ids = tok.AppendIDs(ids[:0], text) }); n != 0 {
			t.Errorf("%s: AppendIDs allocates %v times", name, n)
		}
		if n := testing.AllocsPerRun(100, func() { tok.Encode(text) }); n > 2 {
			t.Errorf("%s: Encode allocates %v times, want the ids and the windows", name, n)
		}
	}
}
