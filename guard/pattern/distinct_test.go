package pattern_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/pattern"
)

// written are texts of many kinds that say nothing bad, our own.
const written = "../../model/train/corpus/"

// BenchmarkInspectDistinct inspects some thousand texts in turn, no two of them alike
// and none with a hit, as a service does. What a text leaves in the caches and in the
// branch predictor serves the next one as far as it serves any.
func BenchmarkInspectDistinct(b *testing.B) {
	for _, size := range []struct {
		name         string
		bytes, texts int
	}{{"200B", 200, 4000}, {"2KB", 2 << 10, 1000}} {
		b.Run(size.name, func(b *testing.B) {
			c := builtin(b)
			texts := distinct(b, c, size.texts, size.bytes)
			b.SetBytes(int64(size.bytes))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := c.Inspect(context.Background(), texts[i%len(texts)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// distinct returns n different texts of so many bytes, but for a character that is cut,
// in which the rules find nothing.
func distinct(tb testing.TB, c *pattern.Check, n, size int) []*guard.Text {
	tb.Helper()
	var rows []string
	for _, name := range []string{"ordinary", "documents", "long_documents", "honest"} {
		rows = append(rows, harmless(tb, written+name+".jsonl")...)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var texts []*guard.Text
	for len(texts) < n {
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		all := strings.Join(rows, "\n")
		for len(all) >= size && len(texts) < n {
			text, err := guard.Prepare(strings.ToValidUTF8(all[:size], ""))
			if err != nil {
				tb.Fatal(err)
			}
			if in, err := c.Inspect(context.Background(), text); err != nil {
				tb.Fatal(err)
			} else if len(in.Findings) == 0 {
				texts = append(texts, text)
			}
			all = all[size:]
		}
	}
	return texts
}

// harmless reads the texts of a file of the training corpus that are no attacks.
func harmless(tb testing.TB, path string) (texts []string) {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	for d := json.NewDecoder(f); ; {
		var row struct{ Text, Label string }
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			return texts
		} else if err != nil {
			tb.Fatal(err)
		}
		if row.Label == "harmless" {
			texts = append(texts, row.Text)
		}
	}
}
