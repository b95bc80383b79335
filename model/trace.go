package model

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Trace is what a folder looks like at one moment, found without reading its large
// files: two traces tell whether something was written in between.
type Trace struct {
	Manifest string // its SHA-256 in hex; empty if it cannot be read
	Files    string // names, sizes and times of change of all files
}

// TraceOf looks at a folder. What cannot be read leaves a trace of its own.
func TraceOf(dir string) Trace {
	fsys := os.DirFS(dir)
	var t Trace
	if data, err := readAtMost(fsys, ManifestName, maxManifest); err == nil {
		t.Manifest = hexDigest(data)
	}
	var files strings.Builder
	_ = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error { // an error is written down
		if err == nil && d.IsDir() {
			return nil
		}
		info, err := fs.Stat(fsys, name) // of what a link points to
		if err != nil {
			fmt.Fprintf(&files, "%s: %v\n", name, err)
			return nil
		}
		fmt.Fprintf(&files, "%s %d %s\n", name, info.Size(), info.ModTime().Format(time.RFC3339Nano))
		return nil
	})
	t.Files = files.String()
	return t
}
