package wordpiece

import (
	"bytes"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

// vocabFile is the vocabulary of bert-base-uncased, 30522 entries.
const vocabFile = "../../model/bundled/vocab.txt"

var readVocab = sync.OnceValues(func() ([]byte, error) {
	return os.ReadFile(vocabFile)
})

func vocab(tb testing.TB) []byte {
	tb.Helper()
	data, err := readVocab()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// uncased is what the bundled model is run with; tests change what they need.
var uncased = Options{Lowercase: true, Window: 512, Overlap: 128}

func load(tb testing.TB, o Options) *Tokenizer {
	tb.Helper()
	t, err := New(bytes.NewReader(vocab(tb)), o)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// cpuTime returns the processor time of this process so far, which, unlike the
// clock, does not run while another process has the core.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
