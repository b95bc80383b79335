package model

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

const (
	int8File = "model.int8.onnx"
	fp16File = "gpu/model.fp16.onnx"
	vocab    = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n"
)

// contents of the fixture's graphs: what they hold does not matter here.
var contents = map[string]string{int8File: "an int8 graph", fp16File: "an fp16 graph, which is longer"}

// sound is a manifest with every key set, optional ones included.
func sound() Manifest {
	strip := false
	graph := func(file, precision string, providers ...string) GraphFile {
		data := contents[file]
		return GraphFile{File: file, SHA256: hexDigest([]byte(data)), Size: int64(len(data)), Precision: precision, Providers: providers}
	}
	return Manifest{
		Format: 1, Name: "tiny", Version: "0.1.0", Check: "classifier",
		Description: "a fixture", Licence: "Apache-2.0",
		Source: Source{URL: "https://example.org/tiny", Revision: "abc"},
		Labels: []Label{
			{Name: "toxic", Category: "toxicity", Activation: Sigmoid, Calibration: &Calibration{Scale: 1.5, Bias: -0.25}, Origins: []string{"tool", "document"}},
			{Name: "safe", Category: Neutral, Activation: Sigmoid},
		},
		Tokenizer: Tokenizer{Kind: WordPiece, Vocab: "vocab.txt", SHA256: hexDigest([]byte(vocab)), Lowercase: true, StripAccents: &strip},
		Window:    Window{Tokens: 256, Overlap: 64},
		Graphs:    []GraphFile{graph(int8File, Int8, CPU), packed(graph(fp16File, FP16, CUDA, TensorRT))},
		KnownAnswers: []KnownAnswer{
			{Text: "hello", Scores: map[string]float64{"toxic": 0.01, "safe": 0.99}, Tolerance: 0.05},
		},
	}
}

func packed(g GraphFile) GraphFile {
	g.Layout = Packed
	return g
}

func marshal(t testing.TB, m Manifest) []byte {
	t.Helper()
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// files is the fixture as a file system, as an embedded model would be.
func files(t testing.TB, m Manifest) fstest.MapFS {
	fsys := fstest.MapFS{ManifestName: {Data: marshal(t, m)}, "vocab.txt": {Data: []byte(vocab)}}
	for name, data := range contents {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return fsys
}

// folder is the fixture on disk.
func folder(t testing.TB, m Manifest) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files(t, m)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t testing.TB, data string, path ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path...), []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}
