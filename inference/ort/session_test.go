package ort

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/inferencetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var graphs = []string{"int64.onnx", "int32.onnx", "no-types.onnx", "only-ids.onnx", "mixed.onnx"}

func TestSessionIsABackend(t *testing.T) {
	for _, name := range graphs {
		t.Run(name, func(t *testing.T) {
			inferencetest.RunBackend(t, func(t *testing.T) inferencetest.Harness {
				g := tiny(name)
				h := inferencetest.Harness{
					Backend: openSession(t, g), Labels: g.Labels, Vocabulary: g.Vocabulary, MaxLength: g.MaxLength,
				}
				if name == graphs[0] {
					h.Slow = openSession(t, slowGraph())
				}
				return h
			})
		})
	}
}

func slowGraph() Graph {
	g := tiny("slow.onnx")
	g.Labels = 1
	return g
}

// TestLogits compares with what the graphs are known to compute, from a file and
// from memory.
func TestLogits(t *testing.T) {
	batch := []inference.Encoding{{IDs: []int32{0}}, {IDs: []int32{31, 0, 5}}, {IDs: []int32{1, 2, 3, 4, 5, 6, 7, 8}}}
	for _, name := range graphs {
		fromFile := tiny(name)
		data, err := os.ReadFile(fromFile.Path)
		if err != nil {
			t.Fatal(err)
		}
		fromMemory := fromFile
		fromMemory.Path, fromMemory.Data = "", data
		for _, g := range []Graph{fromFile, fromMemory} {
			rows, err := openSession(t, g).Run(t.Context(), batch)
			if err != nil {
				t.Fatalf("%s: %v", g.name(), err)
			}
			for i, row := range rows {
				if want := logits(batch[i].IDs); !slices.Equal(row, want) {
					t.Errorf("%s: window %d: %v, want %v", g.name(), i, row, want)
				}
			}
		}
	}
}

// TestPadding runs the road of a card, one padded tensor a batch, on the CPU:
// the mask must hide the padding, to the right and below.
func TestPadding(t *testing.T) {
	for _, name := range []string{"int64.onnx", "int32.onnx"} {
		inferencetest.RunBackend(t, func(t *testing.T) inferencetest.Harness {
			g := tiny(name)
			s := openSession(t, g)
			s.shapes = shapesOn(CUDA, DefaultCard(), g)
			return inferencetest.Harness{Backend: s, Labels: g.Labels, Vocabulary: g.Vocabulary, MaxLength: g.MaxLength}
		})
	}
}

// TestShrink gives memory back after each run: ONNX Runtime refuses an arena that
// it does not have, so it has read the entry.
func TestShrink(t *testing.T) {
	batch := []inference.Encoding{{IDs: []int32{31, 0, 5}}, {IDs: []int32{1, 2}}}
	for arena, ok := range map[string]bool{"cpu:0": true, "gpu:0": false} {
		s := openSession(t, tiny("int64.onnx"))
		s.shrink = arena
		for range 2 {
			rows, err := s.Run(t.Context(), batch)
			if (err == nil) != ok {
				t.Fatalf("%s: %v", arena, err)
			}
			for i, row := range rows {
				if want := logits(batch[i].IDs); !slices.Equal(row, want) {
					t.Errorf("window %d: %v, want %v", i, row, want)
				}
			}
		}
	}
}

func TestBadGraphs(t *testing.T) {
	r := openRuntime(t, config())
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile("testdata/int64.onnx")
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*Graph)) Graph {
		g := tiny("int64.onnx")
		change(&g)
		return g
	}
	for want, g := range map[string]Graph{
		"path or data":             with(func(g *Graph) { g.Path = "" }),
		"no such file":             with(func(g *Graph) { g.Path = filepath.Join(dir, "none.onnx") }),
		"not an ONNX file":         with(func(g *Graph) { g.Path = file("text.onnx", "once upon a time") }),
		"no graph":                 with(func(g *Graph) { g.Path = file("empty.onnx", "") }),
		"unexpected EOF":           with(func(g *Graph) { g.Path = file("cut.onnx", string(whole[:len(whole)/2])) }),
		"3 labels, the manifest 2": with(func(g *Graph) { g.Labels = 2 }),
		"0 labels":                 with(func(g *Graph) { g.Labels = 0 }),
		"longest window of 0":      with(func(g *Graph) { g.MaxLength = 0 }),
		"vocabulary of 0":          with(func(g *Graph) { g.Vocabulary = 0 }),
		`the layout "nested"`:      with(func(g *Graph) { g.Layout = "nested" }),
		"want float32":             tiny("bad-double.onnx"),
		"input attention_mask is":  tiny("bad-float-mask.onnx"),
		"outputs first, second":    tiny("bad-two-outputs.onnx"),
		`has an input "x"`:         with(func(g *Graph) { g.Path = "probe.onnx" }),
		"load for cpu: Error creating": with(func(g *Graph) {
			g.Path = file("bent.onnx", strings.Replace(string(whole), "ReduceSum", "ReduceSad", 1))
		}),
	} {
		if s, err := r.Session(g, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("session %v, error %v, want one with %q", s, err, want)
		}
	}
}

func TestClosedRuntime(t *testing.T) {
	r := openRuntime(t, config())
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(tiny("int64.onnx"), 0); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}

// FuzzSignature reads broken files: an error, never a crash or a huge buffer.
func FuzzSignature(f *testing.F) {
	for _, name := range graphs {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		if s, err := (Graph{Data: data}).signature(); err == nil {
			_, _ = s.check(Graph{Labels: 3})
			_, _ = s.check(Graph{Labels: 3, Layout: Packed})
		}
	})
}

func BenchmarkRun(b *testing.B) {
	for name, rows := range map[string]int{"1-row": 1, "8-rows": 8} {
		b.Run(name, func(b *testing.B) {
			s := openSession(b, tiny("int64.onnx"))
			batch := make([]inference.Encoding, rows)
			for i := range batch {
				batch[i].IDs = make([]int32, 24)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Run(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
