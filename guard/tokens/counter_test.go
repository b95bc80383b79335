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
)

// counters are shared by the tests, by encoding: they take a while to load, the more
// so under -race.
var counters = sync.OnceValue(func() map[string]*Counter {
	all := make(map[string]*Counter)
	for _, e := range encodings {
		c, err := NewCounter(Config{Encoding: e.name})
		if err != nil {
			panic(err)
		}
		all[e.name] = c
	}
	return all
})

func counter() *Counter { return counters()["cl100k_base"] }

// each runs test for both encodings.
func each(t *testing.T, test func(*testing.T, *Counter)) {
	for _, e := range encodings {
		t.Run(e.name, func(t *testing.T) { test(t, counters()[e.name]) })
	}
}

// golden is a text, so many times over, and what the reference counts; nil where it
// fails.
type golden struct {
	Text   string `json:"text"`
	Times  int    `json:"times"`
	Cl100k *int   `json:"cl100k_base"`
	O200k  *int   `json:"o200k_base"`
}

func (g golden) whole() string { return strings.Repeat(g.Text, g.Times) }

func (g golden) count(encoding string) *int {
	return map[string]*int{"cl100k_base": g.Cl100k, "o200k_base": g.O200k}[encoding]
}

// goldens are texts counted by the reference; testdata/golden.py wrote them.
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
	each(t, func(t *testing.T, c *Counter) {
		compared := 0
		for _, g := range all {
			want := g.count(c.Encoding())
			if want == nil || testing.Short() && len(g.Text)*g.Times > 1<<14 {
				continue
			}
			compared++
			if got := c.Count(g.whole()); got != *want {
				t.Errorf("%d times %.80q makes %d tokens, want %d", g.Times, g.Text, got, *want)
			}
		}
		if compared < 4000 {
			t.Errorf("only %d cases", compared)
		}
	})
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

func TestCountAllocatesNothing(t *testing.T) {
	text := strings.Repeat("Wie spät ist es? It's what they'll say, isn't it?\n", 40)
	each(t, func(t *testing.T, c *Counter) {
		if n := testing.AllocsPerRun(100, func() { c.Count(text) }); n != 0 {
			t.Errorf("%v allocations, want none", n)
		}
	})
}
