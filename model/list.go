package model

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Listing is one folder found by List: a model, or why it is none.
type Listing struct {
	Dir   string
	Model *Model // nil if Err is set
	Err   error
}

// List opens every folder of dir that has a manifest, sorted by folder name. A
// broken one is listed with its error, so that it does not hide the others. A
// dir that does not exist holds no models. Nothing is verified.
func List(dir string) ([]Listing, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	var found []Listing
	for _, e := range entries {
		folder := filepath.Join(dir, e.Name())
		if _, err := os.Stat(filepath.Join(folder, ManifestName)); err != nil {
			continue
		}
		m, err := OpenDir(folder)
		found = append(found, Listing{Dir: folder, Model: m, Err: err})
	}
	return found, nil
}

// DefaultDir is where models are kept: $PORTCULLIS_MODELS_DIR, else
// $XDG_DATA_HOME/portcullis/models, else $HOME/.local/share/portcullis/models.
// A relative XDG_DATA_HOME is ignored, as its specification demands.
func DefaultDir(getenv func(string) string) (string, error) {
	if dir := getenv("PORTCULLIS_MODELS_DIR"); dir != "" {
		return dir, nil
	}
	if data := getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "portcullis", "models"), nil
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "share", "portcullis", "models"), nil
	}
	return "", errors.New("no folder for models: set PORTCULLIS_MODELS_DIR, or HOME")
}
