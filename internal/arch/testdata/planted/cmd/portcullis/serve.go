package main

import (
	"os"

	_ "github.com/portcullis-ai/portcullis/inference/ort"
	_ "github.com/portcullis-ai/portcullis/internal/config"
)

func serve() int {
	os.Exit(2) // planted
	return 0
}
