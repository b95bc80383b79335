package ort

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/inference/inferencetest"
)

// hasCard reports whether a card could start: what is tested here is how its
// absence is told.
func hasCard() bool {
	_, err := os.Stat("/dev/nvidiactl")
	return err == nil
}

func TestProviderWithoutLibraries(t *testing.T) {
	c := config()
	need(t, c)
	path, err := FindLibrary(c)
	if err != nil {
		t.Fatal(err)
	}
	if missingProvider(path, CUDA) == nil {
		t.Skip("the provider libraries are beside the core")
	}
	for _, p := range []Provider{CUDA, TensorRT} {
		c.Provider, c.Library = p, path
		if _, err := Open(c); err == nil || !strings.Contains(err.Error(), "provider "+string(p)+" cannot start") ||
			!strings.Contains(err.Error(), "run `make deps-cuda`") {
			t.Errorf("%s: error %v, want what is missing and what to run", p, err)
		}
	}
	c.Provider = Auto
	info := openRuntime(t, c).Info()
	if info.Provider != CPU || !strings.Contains(info.Fallback, "make deps-cuda") {
		t.Errorf("auto: %+v, want the CPU and why", info)
	}
}

// TestProviderWithoutCard needs the folder of `make deps-cuda`, and so a process
// that has not loaded the plain core: it runs itself again.
func TestProviderWithoutCard(t *testing.T) {
	if hasCard() {
		t.Skip("there is a card: TestCard runs on it")
	}
	c := Default()
	path, err := FindLibrary(c)
	if err != nil || missingProvider(path, CUDA) != nil {
		t.Skip("`make deps-cuda` has not run")
	}
	inNewProcess(t, func() {
		for _, p := range []Provider{CUDA, TensorRT} {
			c.Provider = p
			if _, err := Open(c); err == nil || !strings.Contains(err.Error(), "needs an NVIDIA card") {
				t.Errorf("%s: error %v, want what it needs", p, err)
			}
		}
		c.Provider = Auto
		r := openRuntime(t, c)
		if info := r.Info(); info.Provider != CPU || !strings.Contains(info.Fallback, "needs an NVIDIA card") {
			t.Errorf("auto: %+v, want the CPU and why", info)
		}
		s, err := r.Session(tiny("int64.onnx"), 0)
		if err != nil {
			t.Fatalf("the CPU after a failed card: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestCard runs the suite on the first card. Padded batches round otherwise than
// single windows.
func TestCard(t *testing.T) {
	if !hasCard() {
		t.Skip("there is no NVIDIA card: /dev/nvidiactl is missing")
	}
	inNewProcess(t, func() {
		c := Default()
		c.Provider = CUDA
		r := openRuntime(t, c)
		inferencetest.RunBackend(t, func(t *testing.T) inferencetest.Harness {
			g := tiny("int64.onnx")
			s, err := r.Session(g, c.Devices[0])
			if err != nil {
				t.Fatal(err)
			}
			return inferencetest.Harness{
				Backend: s, Labels: g.Labels, Vocabulary: g.Vocabulary, MaxLength: g.MaxLength, Tolerance: 1e-3,
			}
		})
		expectSignal(t, func() error { return nil })
	})
}

// TestKeepSignals replaces a handler as the CUDA provider does and then expects
// Go to receive the signal.
func TestKeepSignals(t *testing.T) {
	expectSignal(t, func() error {
		return keepSignals(func() error { return ignoreSignal(syscall.SIGUSR1) })
	})
}

// expectSignal runs f while Go listens to a signal and fails if it no longer
// hears it.
func expectSignal(t *testing.T, f func() error) {
	t.Helper()
	got := make(chan os.Signal, 1)
	signal.Notify(got, syscall.SIGUSR1)
	defer signal.Stop(got)
	if err := f(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	select {
	case <-got:
	case <-time.After(5 * time.Second):
		t.Error("the signal did not arrive: its handler was not put back")
	}
}

func TestMissingProvider(t *testing.T) {
	dir := t.TempDir()
	core := filepath.Join(dir, libraryName)
	for _, name := range []string{"libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"} {
		if err := missingProvider(core, CUDA); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want that %s is missing", err, name)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := missingProvider(core, CUDA); err != nil {
		t.Error(err)
	}
	if err := missingProvider(core, TensorRT); err == nil {
		t.Error("the library of TensorRT is not missed")
	}
}
