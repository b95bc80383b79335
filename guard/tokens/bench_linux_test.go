package tokens

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const prose = "The service starts from a published design; its validator is kept as a built-in policy, because people who " +
	"read the article will compare. It doesn't matter how long a text is (3 words or 30,000), every byte is counted.\n"

func BenchmarkCount(b *testing.B) {
	texts := map[string]string{
		"prose 200 B":  prose[:200],
		"prose 2 KB":   strings.Repeat(prose, 10)[:2000],
		"prose 100 KB": strings.Repeat(prose, 500)[:100_000],
		"chinese 2 KB": strings.Repeat("今天天气怎么样?我想去北京看看长城。", 40)[:1998],
		"russian 2 KB": strings.Repeat("Съешь же ещё этих мягких французских булок. ", 40)[:2000],
		"base64 2 KB":  strings.Repeat("aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBiYXNlNjQgc3RyaW5nIHdpdGhvdXQgYnJlYWtz", 40)[:2000],
	}
	for _, e := range encodings {
		for name, text := range texts {
			b.Run(e.name+"/"+name, func(b *testing.B) { benchmark(b, counters()[e.name].Count, text) })
		}
		b.Run(e.name+"/tiktoken-go, prose 100 KB", func(b *testing.B) {
			count := func(text string) int { return len(reference()[e.name].EncodeOrdinary(text)) }
			benchmark(b, count, texts["prose 100 KB"])
		})
	}
}

// BenchmarkCountHostile has a mebibyte of all that tiktoken-go is quadratic in.
func BenchmarkCountHostile(b *testing.B) {
	texts := runs(b, 1<<20)
	texts["random letters"] = randomLetters(1 << 20)
	texts["random syllables"] = randomSyllables(1 << 20)
	for _, e := range encodings {
		for name, text := range texts {
			b.Run(e.name+"/"+name, func(b *testing.B) { benchmark(b, counters()[e.name].Count, text) })
		}
	}
}

func BenchmarkNewCounter(b *testing.B) {
	for _, e := range encodings {
		b.Run(e.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := NewCounter(Config{Encoding: e.name}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// benchmark reports the CPU time of one count beside the wall's: on a machine that
// others use too, only the former says something. The budget is 600 ms for any
// mebibyte and 25 ms for a mebibyte of prose.
func benchmark(b *testing.B, count func(string) int, text string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	count(text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	before := threadTime(b)
	for b.Loop() {
		count(text)
	}
	took := threadTime(b) - before
	b.ReportMetric(float64(len(text)*b.N)/1e6/took.Seconds(), "MB/cpu-s")
	b.ReportMetric(took.Seconds()*1e3/float64(b.N), "cpu-ms/op")
}

// threadTime is the CPU time of this thread; the garbage collector has others.
func threadTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
