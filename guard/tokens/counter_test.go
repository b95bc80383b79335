package tokens

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
)

// counter is shared by the tests: it takes a while to load, the more so under -race.
var counter = sync.OnceValue(func() *Counter {
	c, err := NewCounter()
	if err != nil {
		panic(err)
	}
	return c
})

type golden struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
}

// goldens are texts counted by the reference; testdata/golden.mjs wrote them.
func goldens(t testing.TB) []golden {
	t.Helper()
	f, err := os.Open("testdata/golden.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	for lines := json.NewDecoder(plain); ; {
		var g golden
		if err := lines.Decode(&g); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
}

func TestCountEqualsReference(t *testing.T) {
	all := goldens(t)
	if len(all) < 2000 {
		t.Fatalf("only %d cases", len(all))
	}
	for _, g := range all {
		if got := counter().Count(g.Text); got != g.Count {
			t.Errorf("Count(%.80q) = %d, want %d", g.Text, got, g.Count)
		}
	}
}

// TestCountConcurrently lets the race detector see the shared buffers.
func TestCountConcurrently(t *testing.T) {
	long := strings.Repeat("abcdefg", 300)
	want := counter().Count(long)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if got := counter().Count(long); got != want {
					t.Errorf("Count = %d, want %d", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// hostile are texts of size bytes in one piece, or nearly: tiktoken-go is quadratic
// in their length.
func hostile(size int) map[string]string {
	texts := map[string]string{
		"letter": "a", "space": " ", "newline": "\n", "spaces and newlines": " \n", "sign": "=", "accent": "\u0301",
		"emoji": "😀", "ideograph": "的", "digit": "7", "letters and quotes": "a'", "special": "<|endoftext|>",
	}
	for name, unit := range texts {
		texts[name] = strings.Repeat(unit, size/len(unit))
	}
	texts["random letters"] = randomLetters(size)
	texts["random syllables"] = randomSyllables(size)
	return texts
}

// randomLetters has pairs of nearly every rank. The generator is the classic
// minimal standard one: the text must be the same in every run.
func randomLetters(n int) string {
	text := make([]byte, n)
	state := uint64(20261121)
	for i := range text {
		state = state * 48271 % (1<<31 - 1)
		text[i] = 'a' + byte(state>>8%26)%26
	}
	return string(text)
}

// randomSyllables are letters without a place where no token reaches across.
func randomSyllables(n int) string {
	letters, text := randomLetters(4*n), make([]byte, 0, n)
	for i := 0; len(text) < n; i++ {
		last := max(len(text)-1, 0)
		if pair := string(text[last:]) + letters[i:i+1]; counter().ranks.apart(pair) == len(pair) {
			text = append(text, letters[i])
		}
	}
	return string(text)
}

// TestCountHostile fails if a text costs more than linear time: a quadratic merge
// needs 11 to 15 seconds for each of these, ours some 50 ms at most.
func TestCountHostile(t *testing.T) {
	for name, text := range hostile(1 << 17) {
		start := time.Now()
		n := counter().Count(text)
		if took := time.Since(start); took > 7*time.Second {
			t.Errorf("%s: %d bytes took %v", name, len(text), took)
		}
		if n < len(text)/maxToken || n > len(text) {
			t.Errorf("%s: %d tokens in %d bytes", name, n, len(text))
		}
	}
}

func TestCountAllocatesNothing(t *testing.T) {
	text := strings.Repeat("Wie spät ist es? It's what they'll say, isn't it?\n", 40)
	c := counter()
	if n := testing.AllocsPerRun(100, func() { c.Count(text) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// TestClasses fails when Go's Unicode tables move. Then compare classOf with the
// reference on all code points again (golden.mjs counts what is needed: 1c11 tells
// numbers, =c=a letters) and correct newer.go.
func TestClasses(t *testing.T) {
	if unicode.Version != "15.0.0" {
		t.Errorf("newer.go adds Unicode 16 to version 15.0.0, but Go is at %s now", unicode.Version)
	}
	for r, want := range map[rune]class{
		'ſ': letter, 'ª': letter, 'ʰ': letter, 0x2ebf0: letter, 0x13460: letter, 0x1c89: letter,
		'½': number, 'Ⅷ': number, '〇': number, 0x1ccf0: number, '一': letter,
		0x85: space, 0xa0: space, 0x2028: space, 0x3000: space,
		0x1c: symbol, 0x180e: symbol, 0x200b: symbol, 0xfeff: symbol, '\u0301': symbol, 0x10ffff: symbol,
	} {
		if got := classOf(r); got != want {
			t.Errorf("class of %U is %d, want %d", r, got, want)
		}
	}
}
