package gpu

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/inference/ort"
)

// The environment that scripts/gpu-test.sh sets. Without it the tests run on the CPU
// with the tiny model, and those that need the binary are skipped.
const (
	envProvider = "GPU_PROVIDER" // cpu, cuda or tensorrt
	envModels   = "GPU_MODEL"    // model folders, joined by colons; the service gets the first
	envBinary   = "GPU_BINARY"   // the portcullis binary
	envShapes   = "GPU_SHAPES"   // how many shapes the memory test runs
)

func provider() ort.Provider {
	if p := os.Getenv(envProvider); p != "" {
		return ort.Provider(p)
	}
	return ort.CPU
}

func onCard() bool { return provider() != ort.CPU }

// needCard skips a test that means nothing on the CPU, and says how to run it.
func needCard(t *testing.T) {
	t.Helper()
	if !onCard() {
		t.Skip("needs an NVIDIA card: make gpu-test")
	}
}

func models() []string {
	if dirs := os.Getenv(envModels); dirs != "" {
		return strings.Split(dirs, ":")
	}
	return []string{"testdata/tiny-padded", "testdata/tiny-packed"}
}

func subject(t *testing.T, dir string) *Subject {
	t.Helper()
	s, err := OpenSubject(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// each runs test for every graph that the models have for the provider.
func each(t *testing.T, test func(t *testing.T, s *Subject, g ort.Graph)) {
	t.Helper()
	ran := false
	for _, dir := range models() {
		s := subject(t, dir)
		for _, g := range s.Graphs(provider()) {
			ran = t.Run(title(g), func(t *testing.T) { test(t, s, g) }) || ran
		}
	}
	if !ran && !t.Failed() {
		t.Errorf("no model of %v has a graph for %s", models(), provider())
	}
}

// first is the first graph of the first model.
func first(t *testing.T) (*Subject, ort.Graph) {
	t.Helper()
	s := subject(t, models()[0])
	all := s.Graphs(provider())
	if len(all) == 0 {
		t.Fatalf("model %s has no graph for %s", s.Name(), provider())
	}
	return s, all[0]
}

// config runs p with the one library of this process, which is that of the provider
// under test whatever p is.
func config(t *testing.T, p ort.Provider) ort.Config {
	t.Helper()
	c := ort.Default()
	c.Provider, c.Library = provider(), os.Getenv("PORTCULLIS_ONNXRUNTIME_LIBRARY")
	library, err := ort.FindLibrary(c)
	switch {
	case err == nil:
	case os.Getenv("PORTCULLIS_REQUIRE_ORT") == "1" || os.Getenv("CI") == "true" || onCard():
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	c.Provider, c.Library, c.Devices = p, library, devices(t)
	return c
}

// devices are the numbers of all cards, 0 on the CPU.
func devices(t *testing.T) []int {
	t.Helper()
	if !onCard() {
		return []int{0}
	}
	cards, err := Cards(t.Context())
	if err != nil || len(cards) == 0 {
		t.Fatalf("nvidia-smi shows no card: %v", err)
	}
	numbers := make([]int, len(cards))
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

func open(t *testing.T, c ort.Config) *ort.Runtime {
	t.Helper()
	r, err := ort.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func session(t *testing.T, r *ort.Runtime, g ort.Graph, device int) *ort.Session {
	t.Helper()
	s, err := r.Session(g, device)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if provider() == ort.TensorRT && g.Digest != "" {
		widen(t, s, g)
	}
	return s
}

// widen shows TensorRT the extremes of all shapes to come: it builds an engine, which
// takes minutes, for each that lies outside those seen before. What it built is kept.
func widen(t *testing.T, s *ort.Session, g ort.Graph) {
	t.Helper()
	draw := NewDraw(0)
	for _, lengths := range [][]int{{2}, full(mostTokens/g.MaxLength, g.MaxLength), full(mostRows, min(g.MaxLength, mostTokens/mostRows))} {
		run(t, s, draw.Windows(lengths, g.Vocabulary))
	}
}

// title names a subtest.
func title(g ort.Graph) string { return string(g.Precision) + "-" + g.Layout.String() }

// service starts the binary with a model on the provider under test.
func service(t *testing.T, model string, args ...string) *Service {
	t.Helper()
	binary := os.Getenv(envBinary)
	if binary == "" {
		t.Skip("needs the portcullis binary: GPU_PROVIDER=cpu make gpu-test builds it")
	}
	c := config(t, provider())
	args = append([]string{"--model", model, "--provider", string(c.Provider), "--library", c.Library}, args...)
	s, err := StartService(t.Context(), binary, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the service said:\n%s", s.Log())
		}
	})
	return s
}

// rounds reads a number from the environment.
func rounds(t *testing.T, name string, otherwise int) int {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a number above 0", name, value)
	}
	return n
}

// lengths returns n lengths from 2 to longest, both among them.
func lengths(d *Draw, n, longest int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = d.Length(2, longest)
	}
	out[0], out[n-1] = longest, 2
	return slices.Clip(out)
}
