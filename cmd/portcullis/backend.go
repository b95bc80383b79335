//go:build !null_backend

package main

import (
	"context"

	"github.com/portcullis-ai/portcullis/inference/wordpiece"
	"github.com/portcullis-ai/portcullis/model"
)

// open opens a model where it runs.
func (l modelLoader) open(ctx context.Context, m *model.Model, t *wordpiece.Tokenizer) (devices, model.Graph, error) {
	return l.openDevices(ctx, m, t)
}
