package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// architecture is the part of a BERT's config.json that decides what it computes.
type architecture struct {
	Hidden int `json:"hidden_size"`
	Inner  int `json:"intermediate_size"`
	Layers int `json:"num_hidden_layers"`
}

// readArchitecture reads it beside a model, nothing where the folder has none.
func readArchitecture(dir string) (a architecture, err error) {
	data, err := os.ReadFile(filepath.Join(dir, "config.json")) //nolint:gosec // the folder is named by whoever measures
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &a)
	}
	return a, err
}

// flop is what a token costs in a text of so many: two for each weight of the
// layers, and in each layer the products of its query and its scores with every token.
// Embeddings are looked up and the head sees one vector a text; neither counts.
func (a architecture) flop(tokens int) float64 {
	weights := 4*a.Hidden*a.Hidden + 2*a.Hidden*a.Inner
	return float64(a.Layers) * float64(2*weights+4*tokens*a.Hidden)
}

// cards is what their makers say that they multiply in fp16 with dense matrices, in
// TFLOP/s, by a part of the name that nvidia-smi tells; the first that fits counts.
var cards = []struct {
	name   string
	tflops float64
}{
	{"H200", 989},
	{"H100 PCIe", 756},
	{"H100 NVL", 835},
	{"H100", 989},
	{"GH200", 989},
	{"B200", 2250},
	{"A100", 312},
	{"A10G", 70},
	{"A10", 125},
	{"A30", 165},
	{"L40S", 362},
	{"L40", 181},
	{"L4", 121},
	{"T4", 65},
	{"V100", 125},
	{"RTX 4090", 165},
	{"RTX 3090", 71},
}

// rated is the figure for a card, 0 for one that is not in the table.
func rated(name string) float64 {
	for _, c := range cards {
		if strings.Contains(name, c.name) {
			return c.tflops
		}
	}
	return 0
}
