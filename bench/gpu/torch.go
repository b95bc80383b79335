package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// torch is what torch_bench.py measured on the same device.
type torch struct {
	Version string       `json:"torch"`
	Dtype   string       `json:"dtype"`
	Peak    float64      `json:"peak_tflops"` // of one large product of matrices
	Shapes  []torchShape `json:"shapes"`
	Mix     torchMix     `json:"mix"`
}

type torchShape struct {
	Tokens int     `json:"tokens"`
	Batch  int     `json:"batch"`
	Rate   float64 `json:"rate"`     // texts a second
	Alone  float64 `json:"alone_ms"` // one text
	Graph  float64 `json:"graph_ms"` // one text, replayed as a CUDA graph; 0 without a card
}

type torchMix struct {
	Budget  int     `json:"budget"`
	Rate    float64 `json:"rate"`
	Tokens  float64 `json:"tokens"`
	Padding float64 `json:"padding"`
}

// readTorch returns nil where PyTorch was not measured.
func readTorch(path string) (*torch, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path) //nolint:gosec // named by whoever measures
	if err != nil {
		return nil, err
	}
	t := &torch{}
	if err := json.Unmarshal(data, t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// shape returns the figures for a length, zeros where there are none.
func (t *torch) shape(tokens int) torchShape {
	if t != nil {
		for _, s := range t.Shapes {
			if s.Tokens == tokens {
				return s
			}
		}
	}
	return torchShape{}
}
