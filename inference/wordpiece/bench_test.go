package wordpiece

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

const prose = "The committee agreed that the proposal, although unusually ambitious, deserved careful consideration; " +
	"nobody could remember a comparable undertaking since the harbour was rebuilt in 1953. "

const code = "func (s *Server) handle(ctx context.Context, req *Request) (*Response, error) {\n" +
	"\tif err := s.limiter.Wait(ctx); err != nil {\n\t\treturn nil, fmt.Errorf(\"wait: %w\", err)\n\t}\n}\n"

const chinese = "委员会一致认为,该提案虽然雄心勃勃,但值得认真考虑;自1953年港口重建以来,没有人记得有过类似的工程。"

func exactly(text string, size int) string {
	return strings.ToValidUTF8(strings.Repeat(text, size/len(text)+1)[:size], "")
}

func random(size int) string {
	r := rand.NewChaCha8([32]byte{})
	data := make([]byte, size)
	_, _ = r.Read(data) // never fails
	return base64.RawStdEncoding.EncodeToString(data)[:size]
}

// texts are what the benchmarks and the allocation test read.
var texts = map[string]string{
	"english-200": exactly(prose, 200),
	"english-2k":  exactly(prose, 2048),
	"code-2k":     exactly(code, 2048),
	"chinese-2k":  exactly(chinese, 2048),
	"base64-2k":   random(2048),
}

func BenchmarkAppendIDs(b *testing.B) {
	tok := load(b, uncased)
	ids := make([]int32, 0, 4096)
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			measure(b, text, func() { ids = tok.AppendIDs(ids[:0], text) })
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	tok := load(b, uncased)
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			measure(b, text, func() { tok.Encode(text) })
		})
	}
}

// measure reports processor time beside the clock: on a shared machine only
// the former means anything.
func measure(b *testing.B, text string, f func()) {
	f() // the pages of the folder are worked out, the pool is filled
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	before := cpuTime()
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
}

// hostile has units whose long runs make other tokenizers slow.
var hostile = map[string]string{
	"letter": "a", "capital": "Z", "space": " ", "punctuation": "!", "accent": "\u0301", "kept-mark": "\u302e",
	"marks-out-of-order": "\u302e\U0001d165", "control": "\x01", "letter-and-control": "a\x01", "syllable": "\uac01",
	"ideograph": "\u751f", "expanding": "\U0001d161", "not-utf8": "\xff", "word-of-100": strings.Repeat("a", 100) + " ",
	"almost-an-entry": "unbelievabl ", "unassigned": "\u0378",
}

func BenchmarkHostile(b *testing.B) {
	tok := load(b, uncased)
	for name, unit := range hostile {
		text := strings.Repeat(unit, 1<<20/len(unit))
		b.Run(name, func(b *testing.B) {
			measure(b, text, func() { tok.Encode(text) })
		})
	}
}

func BenchmarkNew(b *testing.B) {
	measure(b, "", func() { load(b, uncased) })
}

// TestLinear lets four times the text take less than ten times as long: what is
// quadratic takes sixteen times.
func TestLinear(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector multiplies the time, not what it depends on")
	}
	tok := load(t, uncased)
	for name, unit := range hostile {
		small := fastest(tok, strings.Repeat(unit, 128<<10/len(unit)))
		large := fastest(tok, strings.Repeat(unit, 512<<10/len(unit)))
		if large > 10*small && large > 20*time.Millisecond {
			t.Errorf("%s: 128 KiB take %v, 512 KiB %v", name, small, large)
		}
	}
}

// fastest is the least processor time of a few runs.
func fastest(tok *Tokenizer, text string) time.Duration {
	best := time.Hour
	for range 4 {
		start := cpuTime()
		tok.Encode(text)
		best = min(best, cpuTime()-start)
	}
	return best
}
