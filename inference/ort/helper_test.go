package ort

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"
)

// config is what the tests run with: the CPU, and the library that the
// environment names, if it does.
func config() Config {
	c := Default()
	c.Provider = CPU
	c.Library = os.Getenv("PORTCULLIS_ONNXRUNTIME_LIBRARY")
	return c
}

// need skips a test where ONNX Runtime is not installed, unless whoever runs the
// tests has promised that it is.
func need(tb testing.TB, c Config) {
	tb.Helper()
	_, err := FindLibrary(c)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true" || os.Getenv("PORTCULLIS_REQUIRE_ORT") == "1":
		tb.Fatal(err)
	default:
		tb.Skip(err)
	}
}

func openRuntime(tb testing.TB, c Config) *Runtime {
	tb.Helper()
	need(tb, c)
	r, err := Open(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := r.Close(); err != nil {
			tb.Error(err)
		}
	})
	return r
}

// tiny is one of the graphs of testdata/graphs.py.
func tiny(name string) Graph {
	return Graph{Path: filepath.Join("testdata", name), Precision: FP32, Labels: 3, Vocabulary: 32, MaxLength: 24}
}

func openSession(tb testing.TB, g Graph) *Session {
	tb.Helper()
	s, err := openRuntime(tb, config()).Session(g, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// logits is what the tiny graphs compute.
func logits(ids []int32) []float32 {
	row := make([]float32, 3)
	for _, id := range ids {
		for l := range row {
			row[l] += float32(id+1) * float32(l+1) / 8
		}
	}
	return row
}

// inNewProcess runs f in a process of its own, which has no library loaded yet:
// the test binary again, with this test alone.
func inNewProcess(t *testing.T, f func()) {
	t.Helper()
	const key = "PORTCULLIS_ORT_TEST"
	if os.Getenv(key) == t.Name() {
		f()
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), key+"="+t.Name())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// ignoreSignal sets the handler of a signal to SIG_IGN behind Go's back, as a C
// library does.
func ignoreSignal(s syscall.Signal) error {
	const sigIgn = 1
	action := struct {
		handler        uintptr
		flags          uint64
		restorer, mask uint64
	}{handler: sigIgn}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
