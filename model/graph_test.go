package model

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestGraphPicksForProviderAndPrecision(t *testing.T) {
	all := sound()
	all.Graphs = []GraphFile{
		{File: "32", Precision: FP32, Providers: []string{CPU, CUDA, TensorRT}},
		{File: "16", Precision: FP16, Providers: []string{CUDA, TensorRT}},
		{File: "8", Precision: Int8, Providers: []string{CPU}},
	}
	only32 := all
	only32.Graphs = all.Graphs[:1]
	for _, c := range []struct {
		name                string
		m                   Manifest
		provider, precision string
		file, err           string
	}{
		{name: "cpu takes int8", m: all, provider: CPU, precision: Auto, file: "8"},
		{name: "empty means auto", m: all, provider: CPU, file: "8"},
		{name: "cuda takes fp16", m: all, provider: CUDA, precision: Auto, file: "16"},
		{name: "tensorrt takes fp16", m: all, provider: TensorRT, precision: Auto, file: "16"},
		{name: "what there is", m: only32, provider: CUDA, precision: Auto, file: "32"},
		{name: "as asked", m: all, provider: CPU, precision: FP32, file: "32"},
		{
			name: "not there", m: all, provider: CPU, precision: FP16,
			err: "model tiny has no graph for provider cpu and precision fp16, only fp32 for cpu, cuda, tensorrt (32), fp16 for cuda, tensorrt (16), int8 for cpu (8)",
		},
		{name: "no such provider", m: all, provider: "rocm", err: `provider "rocm" is unknown, want one of cpu, cuda, tensorrt`},
		{name: "no such precision", m: all, provider: CPU, precision: "int4", err: `precision "int4" is unknown, want one of auto,`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := (&Model{manifest: c.m}).Graph(c.provider, c.precision)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil || g.File != c.file {
				t.Errorf("got %q, %v, want %q", g.File, err, c.file)
			}
		})
	}
}

func TestGraphTellsPathBytesAndDigest(t *testing.T) {
	dir := folder(t, sound())
	onDisk, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := Open(files(t, sound()))
	if err != nil {
		t.Fatal(err)
	}
	for m, path := range map[*Model]string{onDisk: filepath.Join(dir, "gpu", "model.fp16.onnx"), embedded: ""} {
		g, err := m.Graph(CUDA, Auto)
		if err != nil {
			t.Fatal(err)
		}
		if g.Path() != path {
			t.Errorf("path %q, want %q", g.Path(), path)
		}
		if data, err := g.Read(); err != nil || string(data) != contents[fp16File] {
			t.Errorf("read %q, %v", data, err)
		}
		if want := "sha256:" + hexDigest([]byte(contents[fp16File])); g.Digest() != want {
			t.Errorf("digest %s, want %s", g.Digest(), want)
		}
	}
}

// Only the graph that is loaded needs to be whole: a service on a CPU starts
// while the graph for a GPU is still being copied.
func TestGraphVerifiesItselfAlone(t *testing.T) {
	fsys := files(t, sound())
	fsys[fp16File] = &fstest.MapFile{Data: []byte("wrong")}
	m, err := Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	good, _ := m.Graph(CPU, Auto)
	bad, _ := m.Graph(CUDA, Auto)
	if err := good.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := bad.Verify(t.Context()); err == nil {
		t.Error("a wrong graph passed")
	}
}
