package tokens

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// BenchmarkCountDistinct counts some thousand texts of 200 bytes in turn, no two of them
// alike, as a service does.
func BenchmarkCountDistinct(b *testing.B) {
	var texts []string
	for _, name := range []string{"ordinary", "documents", "long_documents", "honest"} {
		for text := writtenIn(b, "../../model/train/corpus/"+name+".jsonl"); len(text) >= 200; text = text[200:] {
			texts = append(texts, text[:200])
		}
	}
	for _, e := range encodings {
		b.Run(e.name, func(b *testing.B) {
			b.SetBytes(200)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				counters()[e.name].Count(texts[i%len(texts)])
			}
		})
	}
}

// writtenIn returns all texts of a file of the training corpus, which are our own.
func writtenIn(tb testing.TB, path string) string {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	for d := json.NewDecoder(f); ; {
		var row struct{ Text string }
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			return b.String()
		} else if err != nil {
			tb.Fatal(err)
		}
		b.WriteString(row.Text + "\n")
	}
}
