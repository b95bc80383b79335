//go:build null_backend

package main

import (
	"context"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/wordpiece"
	"github.com/portcullis-ai/portcullis/model"
)

// open puts a backend that costs nothing, and judges nothing, in the model's place: to
// measure what all the rest costs. It takes a build of its own (-tags null_backend),
// which no release and no image has, so nobody can set a service to it.
func (l modelLoader) open(ctx context.Context, m *model.Model, t *wordpiece.Tokenizer) (devices, model.Graph, error) {
	graph, err := m.Graph(string(l.runtime.Info().Provider), string(l.cfg.ONNXRuntime.Precision))
	if err != nil {
		return nil, graph, err
	}
	l.log.WarnContext(ctx, "NULL BACKEND: this build is for measuring, no model looks at any text")
	well := func(context.Context) error { return nil }
	manifest := m.Manifest()
	return devices{{
		name: "null", backend: nothing{labels: len(manifest.Labels)}, test: well, limit: testSlack, pace: cpuPace(manifest.Window.Tokens),
	}}, graph, nil
}

// nothing answers every window with logits of a clean text.
type nothing struct{ labels int }

// clean is a logit far below every threshold.
const clean = -6

// Run implements inference.Backend.
func (n nothing) Run(_ context.Context, batch []inference.Encoding) ([][]float32, error) {
	rows := make([][]float32, len(batch))
	for i := range rows {
		rows[i] = make([]float32, n.labels)
		for j := range rows[i] {
			rows[i][j] = clean
		}
	}
	return rows, nil
}

// Close implements inference.Backend.
func (nothing) Close() error { return nil }
