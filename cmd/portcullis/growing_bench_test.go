package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/internal/config"
)

// BenchmarkGrowing follows texts by rules and token count, in chunks of one byte and
// of a few words. It must be linear in the text whatever the text and the chunks.
func BenchmarkGrowing(b *testing.B) {
	counter, err := counted()
	if err != nil {
		b.Fatal(err)
	}
	e, err := builder{cfg: config.Default(), counter: counter}.engine(nil)
	if err != nil {
		b.Fatal(err)
	}
	for name, unit := range map[string]string{
		"prose": filler, "letters": "a", "spaces": " ", "addresses": "a@b.cc ", "base64": "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM",
	} {
		for _, size := range []int{64 << 10, 512 << 10} {
			text := strings.Repeat(unit, size/len(unit))
			for _, chunk := range []int{1, 64} {
				b.Run(fmt.Sprintf("%s/%dKiB/by%d", name, size>>10, chunk), func(b *testing.B) {
					b.SetBytes(int64(len(text)))
					for b.Loop() {
						follow(b, e, text, chunk)
					}
				})
			}
		}
	}
}

func follow(b *testing.B, e *guard.Engine, text string, chunk int) {
	chunks := make(chan string)
	go func() {
		defer close(chunks)
		for from := 0; from < len(text); from += chunk {
			chunks <- text[from:min(from+chunk, len(text))]
		}
	}()
	// Detect-only, so that what is found does not end it.
	if _, _, err := e.ValidateGrowing(b.Context(), guard.Growing{Policy: "monitor", Chunks: chunks}); err != nil {
		b.Fatal(err)
	}
}
