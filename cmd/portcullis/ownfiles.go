package main

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/portcullis-ai/portcullis/internal/config"
)

// ownFiles are the operator's rules and policies as they were at one moment.
type ownFiles struct {
	dirs  []string
	trace string // of names and contents
}

func readOwn(cfg config.Config) ownFiles {
	var o ownFiles
	for _, dir := range []string{cfg.Rules, cfg.Policies} {
		if dir != "" {
			o.dirs = append(o.dirs, dir)
		}
	}
	return ownFiles{o.dirs, o.now()}
}

// now is the trace that the files have now. Contents are read, not times: a
// ConfigMap exchanges links, and some volumes keep no times.
func (o ownFiles) now() string {
	sum := sha256.New()
	for _, dir := range o.dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.yaml")) // sorted; the pattern is good
		_, _ = fmt.Fprintf(sum, "%q %d %v\n", dir, len(files), err)
		for _, file := range files {
			addFile(sum, file)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// addFile takes what cannot be read for a content of its own.
func addFile(sum hash.Hash, file string) {
	_, _ = fmt.Fprintf(sum, "%q ", file)
	f, err := os.Open(file) //nolint:gosec // the operator chooses the folder
	if err == nil {
		_, err = io.Copy(sum, io.LimitReader(f, maxOwnFile))
		_ = f.Close() // it was only read
	}
	_, _ = fmt.Fprintf(sum, " %v\n", err)
}

// maxOwnFile is how much of a file is looked at every few seconds.
const maxOwnFile = 1 << 20
