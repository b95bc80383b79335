package gpu

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/portcullis-ai/portcullis/inference/ort"
)

// lastSignal is the highest number that Linux has.
const lastSignal = 64

// action is what the kernel keeps of a signal's handler (struct sigaction).
type action struct {
	handler        uintptr
	flags          uint64
	restorer, mask uint64
}

func handlers(t *testing.T) (all [lastSignal + 1]action) {
	t.Helper()
	for s := 1; s <= lastSignal; s++ {
		_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), 0, uintptr(unsafe.Pointer(&all[s])), 8, 0, 0)
		if errno != 0 {
			t.Fatal(errno)
		}
	}
	return all
}

// CUDA replaces signal handlers of the Go runtime (onnxruntime_go issue 140), some as
// late as with the first batch of several rows. After a model was loaded and has
// run, every handler must be as it was: otherwise Ctrl-C ends the process with "signal
// handler without SA_ONSTACK" in place of a drain.
func TestSignalHandlersStay(t *testing.T) {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1)
	defer signal.Stop(heard)
	before := handlers(t)

	r := open(t, config(t, provider()))
	each(t, func(t *testing.T, _ *Subject, g ort.Graph) {
		backend, draw := session(t, r, g, 0), NewDraw(3)
		for _, size := range []int{1, 2, 16, 64} {
			run(t, backend, draw.Windows(lengths(draw, size, g.MaxLength), g.Vocabulary))
		}
		for s, now := range handlers(t) {
			if now != before[s] {
				t.Errorf("the handler of signal %d (%s) was %x, is %x", s, syscall.Signal(s), before[s], now)
			}
		}
	})
	arrives(t, heard)
	panics(t)
}

// arrives sends this process a signal that Go is to hear.
func arrives(t *testing.T, heard chan os.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	select {
	case <-heard:
	case <-time.After(5 * time.Second):
		t.Error("a signal did not arrive")
	}
}

// panics shows that a nil dereference, which is a signal too, is still a panic that
// can be recovered.
func panics(t *testing.T) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("a nil dereference is no panic any more")
		}
	}()
	dereference(nil)
}

func dereference(a *action) { a.handler++ }
