// Package bundled holds the model that comes inside the binary, so that a fresh
// installation validates texts without a download. MODEL_CARD.md says what it is
// good for, model/train and model/export how it was made.
package bundled

import (
	"embed"

	"github.com/portcullis-ai/portcullis/model"
)

//go:embed manifest.json model.int8.onnx vocab.txt
var files embed.FS

// Model opens the bundled model. Its graph has no path: it is read into memory.
func Model() (*model.Model, error) { return model.Open(files) }
