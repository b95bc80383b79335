package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/portcullis-ai/portcullis/model"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// smallModel makes a folder of one of the exporter's small graphs, which know 32
// words and answer at random.
func smallModel(t *testing.T, layout string) string {
	t.Helper()
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "one", "two", "three", "four"}
	for len(words) < 32 {
		words = append(words, fmt.Sprintf("w%d", len(words)))
	}
	graph, err := os.ReadFile("../../inference/ort/testdata/bert-mean." + layout + ".onnx")
	if err != nil {
		t.Fatal(err)
	}
	digest := func(data []byte) string { sum := sha256.Sum256(data); return hex.EncodeToString(sum[:]) }
	vocabulary := []byte(strings.Join(words, "\n") + "\n")
	m := model.Manifest{
		Format: model.Format, Name: "small", Version: "1", Check: "small", Description: "random weights", Licence: "Apache-2.0",
		Source:    model.Source{URL: "https://example.org"},
		Tokenizer: model.Tokenizer{Kind: model.WordPiece, Vocab: "vocab.txt", SHA256: digest(vocabulary), Lowercase: true},
		Window:    model.Window{Tokens: 16, Overlap: 4},
		Graphs: []model.GraphFile{{
			File: "model.onnx", SHA256: digest(graph), Size: int64(len(graph)), Precision: model.FP32, Providers: []string{model.CPU}, Layout: layout,
		}},
	}
	for i := range 6 {
		m.Labels = append(m.Labels, model.Label{Name: fmt.Sprint("label", i), Category: "toxicity", Activation: model.Sigmoid})
	}
	manifest, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"manifest.json": manifest, "vocab.txt": vocabulary, "model.onnx": graph} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A model whose graph is packed scores a text as the one whose graph is padded does.
func TestPackedModelScoresAsThePaddedOne(t *testing.T) {
	text := strings.Repeat("one two three w9 w30 four ", 12) // several windows
	var scores [2]map[string]float64
	for i, layout := range []string{model.Padded, model.Packed} {
		_, out, errs := command(t, "", "check", "--json", "--model", smallModel(t, layout), text)
		v := &pb.ValidateResponse{}
		if err := protojson.Unmarshal([]byte(out), v); err != nil {
			t.Fatalf("%s: %v: %s", layout, err, errs)
		}
		scores[i] = make(map[string]float64)
		for _, s := range v.GetScores() {
			scores[i][s.GetLabel()] = s.GetScore()
		}
	}
	if len(scores[0]) != 6 {
		t.Fatalf("scores %v, want those of 6 labels", scores[0])
	}
	for label, padded := range scores[0] {
		if packed := scores[1][label]; math.Abs(packed-padded) > 1e-4 {
			t.Errorf("%s: %v packed, %v padded", label, packed, padded)
		}
	}
}

// A manifest that is wrong about the layout is refused before a text is taken for
// another.
func TestModelOfTheOtherLayoutIsRefused(t *testing.T) {
	for layout, want := range map[string]string{model.Packed: "the graph is packed", model.Padded: `an input "attention_mask"`} {
		dir := smallModel(t, layout)
		path := filepath.Join(dir, "manifest.json")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		other := map[string]string{model.Packed: model.Padded, model.Padded: model.Packed}[layout]
		if err := os.WriteFile(path, []byte(strings.Replace(string(data), `"`+layout+`"`, `"`+other+`"`, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := command(t, "", "check", "--model", dir, "one two"); code != exitFailure || !strings.Contains(errs, want) {
			t.Errorf("exit %d: %s, want %q", code, errs, want)
		}
	}
}
