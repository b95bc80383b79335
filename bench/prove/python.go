package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/portcullis-ai/portcullis/bench/texts"
)

// peerTexts are the mix of lengths within one window of the model, and a lone text.
func (p *proof) peerTexts() (all []string, lone string, err error) {
	w, err := texts.NewWriter(p.tokenizer, 7)
	if err != nil {
		return nil, "", err
	}
	return w.Mix(len(p.mix), p.manifest.Window.Tokens), w.Text(40), nil
}

// barePython runs the windows of the mix in the loop in Python, and returns the texts a
// second of its best grouping.
func (p *proof) barePython(ctx context.Context, callers int, cores string) (float64, error) {
	var ids [][]int32
	for _, w := range p.windows(p.mix) {
		ids = append(ids, w.IDs)
	}
	data, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is for a moment
	file := filepath.Join(dir, "ids.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return 0, err
	}
	if cores == "" {
		cores = allCores()
	}
	graph := filepath.Join(p.Model, "model."+string(p.graph.Precision)+".onnx")
	command := exec.CommandContext(ctx, "taskset", "-c", cores, p.Python, filepath.Join(p.Peers, "bare.py"), "--model", graph, "--ids", file, "--callers", strconv.Itoa(callers)) //nolint:gosec // the Python that was named
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return 0, fmt.Errorf("bare.py: %w", err)
	}
	seconds := map[string]float64{}
	if err := json.Unmarshal(out, &seconds); err != nil {
		return 0, fmt.Errorf("bare.py: %w", err)
	}
	best := 0.0
	for _, took := range seconds {
		best = max(best, float64(len(p.mix))/took)
	}
	return best, nil
}
