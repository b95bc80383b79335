package model

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Graph is one ONNX file of a model. Verify it before you load it.
type Graph struct {
	GraphFile
	model *Model
}

// preference orders the precisions that Auto tries on each provider: on a CPU
// int8 is 1.4 to 1.8 times as fast as fp32 (performance.md, section 1) and fp16
// has no kernels there; on a GPU fp16 runs on tensor cores.
var preference = map[string][]string{
	CPU:      {Int8, FP32, FP16},
	CUDA:     {FP16, FP32, Int8},
	TensorRT: {FP16, FP32, Int8},
}

// Graph picks the file for an execution provider. Auto, or an empty precision,
// takes the fastest there is. The error lists what the model has.
func (m *Model) Graph(provider, precision string) (Graph, error) {
	wanted, ok := preference[provider]
	if !ok {
		return Graph{}, fmt.Errorf("provider %q is unknown, want one of %s", provider, strings.Join(Providers, ", "))
	}
	if precision != "" && precision != Auto {
		if !slices.Contains(Precisions, precision) {
			return Graph{}, fmt.Errorf("precision %q is unknown, want one of %s, %s", precision, Auto, strings.Join(Precisions, ", "))
		}
		wanted = []string{precision}
	}
	for _, p := range wanted {
		for _, g := range m.manifest.Graphs {
			if g.Precision == p && slices.Contains(g.Providers, provider) {
				return Graph{GraphFile: g, model: m}, nil
			}
		}
	}
	return Graph{}, fmt.Errorf("model %s has no graph for provider %s and precision %s, only %s",
		m.manifest.Name, provider, strings.Join(wanted, " or "), m.manifest.graphList())
}

// Path returns where the graph lies on disk, empty for a model in another file
// system. Load from the path where there is one: from bytes ONNX Runtime takes
// twice the memory while it loads (performance.md, section 1).
func (g Graph) Path() string {
	if g.model.dir == "" {
		return ""
	}
	return filepath.Join(g.model.dir, filepath.FromSlash(g.File))
}

// Read returns the whole graph, unverified. Drop it once the session is open.
func (g Graph) Read() ([]byte, error) {
	data, err := readAtMost(g.model.fsys, g.File, g.Size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.model.where(g.File), err)
	}
	return data, nil
}

// graphList reads "int8 for cpu (model.int8.onnx), fp16 for cuda, tensorrt (model.fp16.onnx)".
func (m Manifest) graphList() string {
	list := make([]string, 0, len(m.Graphs))
	for _, g := range m.Graphs {
		list = append(list, fmt.Sprintf("%s for %s (%s)", g.Precision, strings.Join(g.Providers, ", "), g.File))
	}
	return strings.Join(list, ", ")
}
