package tokens

import (
	"strings"
	"testing"
)

const prose = "The service starts from a published design; its validator is kept as a built-in policy, because people who " +
	"read the article will compare. It doesn't matter how long a text is (3 words or 30,000), every byte is counted.\n"

func BenchmarkCount(b *testing.B) {
	texts := hostile(1 << 20)
	texts["prose 200 B"] = prose[:200]
	texts["prose 2 KB"] = strings.Repeat(prose, 10)[:2000]
	texts["prose 100 KB"] = strings.Repeat(prose, 500)[:100_000]
	texts["chinese 2 KB"] = strings.Repeat("今天天气怎么样?我想去北京看看长城。", 40)[:1998]
	texts["russian 2 KB"] = strings.Repeat("Съешь же ещё этих мягких французских булок. ", 40)[:2000]
	texts["base64 2 KB"] = strings.Repeat("aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBiYXNlNjQgc3RyaW5nIHdpdGhvdXQgYnJlYWtz", 40)[:2000]
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			c := counter()
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				c.Count(text)
			}
		})
	}
}

func BenchmarkNewCounter(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewCounter(); err != nil {
			b.Fatal(err)
		}
	}
}
