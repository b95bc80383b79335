package sink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/portcullis-ai/portcullis/internal/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// place is where lines go; it does with them what the test says.
type place func(p []byte) (int, error)

func (f place) Write(p []byte) (int, error) { return f(p) }

func shut(t *testing.T, s *sink.Sink) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func say(s *sink.Sink, lines ...string) {
	for _, l := range lines {
		_, _ = s.Write([]byte(l + "\n"))
	}
}

func TestLinesArriveInOrder(t *testing.T) {
	var got bytes.Buffer
	s := sink.New(&got, 1<<20)
	var want strings.Builder
	for i := range 1000 {
		line := fmt.Sprintf("line %d", i)
		say(s, line)
		want.WriteString(line + "\n")
	}
	shut(t, s)
	if got.String() != want.String() || s.Stats() != (sink.Stats{}) {
		t.Errorf("%d bytes of %d, %+v", got.Len(), want.Len(), s.Stats())
	}
}

func TestWritersDoNotWaitForAPlaceThatHangs(t *testing.T) {
	began, hang := make(chan struct{}), make(chan struct{})
	var got bytes.Buffer
	once := sync.OnceFunc(func() { close(began); <-hang })
	s := sink.New(place(func(p []byte) (int, error) { once(); return got.Write(p) }), 10)
	say(s, "first")
	<-began
	say(s, "second", "third", "fourth") // room for one and a half
	if got := s.Stats(); got != (sink.Stats{Crowded: 2}) {
		t.Errorf("%+v", got)
	}
	out, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Close(out); !errors.Is(err, context.Canceled) {
		t.Errorf("closed while it hangs: %v", err)
	}
	say(s, "too late")
	close(hang)
	shut(t, s)
	if got.String() != "first\nsecond\n" || s.Stats().Crowded != 3 {
		t.Errorf("%q, %+v", got.String(), s.Stats())
	}
}

func TestAPlaceThatFailsLosesItsLinesOnly(t *testing.T) {
	full := errors.New("no space left on device")
	for name, fail := range map[string]func(p []byte) (int, error){
		"error":                    func([]byte) (int, error) { return 0, full },
		"panic":                    func([]byte) (int, error) { panic(full) },
		"a count that cannot be":   func(p []byte) (int, error) { return len(p) + 1, full },
		"a short one and no error": func([]byte) (int, error) { return 0, nil },
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			step := make(chan struct{})
			first := true
			s := sink.New(place(func(p []byte) (int, error) {
				<-step
				if first {
					first = false
					return fail(p)
				}
				return got.Write(p)
			}), 1<<20)
			say(s, "lost")
			step <- struct{}{} // the first is on its way, alone
			say(s, "found")
			close(step)
			shut(t, s)
			want := sink.Stats{Failed: 1}
			if name == "a count that cannot be" {
				want = sink.Stats{} // it says that it wrote all of them
			}
			if got.String() != "found\n" || s.Stats() != want {
				t.Errorf("%q, %+v", got.String(), s.Stats())
			}
		})
	}
}

// What was written before an error is not counted as lost.
func TestWhatWasWrittenIsNotLost(t *testing.T) {
	var hold sync.Mutex
	hold.Lock()
	s := sink.New(place(func(p []byte) (int, error) {
		hold.Lock()
		defer hold.Unlock()
		return bytes.IndexByte(p, '\n') + 1, errors.New("full")
	}), 1<<20)
	say(s, "a")
	say(s, "b", "c")
	hold.Unlock()
	shut(t, s)
	if f := s.Stats().Failed; f != 1 && f != 2 { // batches a, b c or a b c
		t.Errorf("%d lost", f)
	}
}

func BenchmarkWrite(b *testing.B) {
	s := sink.New(place(func(p []byte) (int, error) { return len(p), nil }), 1<<20)
	line := []byte(strings.Repeat("x", 199) + "\n")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Write(line)
	}
	if err := s.Close(context.Background()); err != nil {
		b.Error(err)
	}
}
