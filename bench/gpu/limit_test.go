package main

import (
	"math"
	"testing"
)

// BERT-base on 128 tokens is 22.4 GFLOP and on 40 tokens 6.9 (counted operator by
// operator on its ONNX graph).
func TestFlopOfBertBase(t *testing.T) {
	base := architecture{Hidden: 768, Inner: 3072, Layers: 12}
	for tokens, want := range map[int]float64{40: 6.9e9, 128: 22.4e9} {
		if got := float64(tokens) * base.flop(tokens); math.Abs(got/want-1) > 0.01 {
			t.Errorf("%d tokens: %.3g, want %.3g", tokens, got, want)
		}
	}
}

func TestRatedByName(t *testing.T) {
	for name, want := range map[string]float64{
		"NVIDIA H200": 989, "NVIDIA H100 PCIe": 756, "NVIDIA A100-SXM4-80GB": 312, "NVIDIA A10": 125, "NVIDIA L4": 121,
		"NVIDIA L40S": 362, "NVIDIA GeForce GTX 970": 0,
	} {
		if got := rated(name); got != want {
			t.Errorf("%s: %g, want %g", name, got, want)
		}
	}
}
