package server

import (
	"log/slog" // below the confined "log", yet free

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/inference/ort" // planted
)

var _ = []any{slog.Info, guard.New, ort.New}
