package hub

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"github.com/portcullis-ai/portcullis/model"
)

// Entry is a published model: where its files are, what is known of them, and
// the manifest it gets.
type Entry struct {
	Name string `json:"name"`
	Repo string `json:"repo"` // "owner/name" on the hub
	// Revision is a commit. Empty: the first pull takes the head of main.
	Revision string `json:"revision,omitempty"`
	Files    []File `json:"files"`
	// ReadFrom cites where revision, digests and labels were read, for review.
	ReadFrom []string `json:"read_from"`
	// Manifest lacks revision, digests and sizes: Pull fills them in.
	Manifest model.Manifest `json:"manifest"`
}

// File is one file of an entry.
type File struct {
	Path     string `json:"path"`             // in the repository
	Name     string `json:"name"`             // in the model folder
	SHA256   string `json:"sha256,omitempty"` // empty: not known, needs TrustOnFirstUse
	Bytes    int64  `json:"bytes,omitempty"`  // 0: not known
	MaxBytes int64  `json:"max_bytes"`        // the most a server may send where Bytes is not known
}

// limit is the most that is written to disk, in bytes.
func (f File) limit() int64 {
	if f.Bytes > 0 {
		return f.Bytes
	}
	return f.MaxBytes
}

// check refuses an entry whose files would leave the folder, fill the disk, or
// not make a model.
func (e Entry) check() error {
	missing := map[string]bool{e.Manifest.Tokenizer.Vocab: true}
	for _, g := range e.Manifest.Graphs {
		missing[g.File] = true
	}
	for i, f := range e.Files {
		switch {
		case !filepath.IsLocal(f.Name) || strings.ContainsAny(f.Name, `/\:`):
			return fmt.Errorf("files[%d].name: %q: want a plain file name", i, f.Name)
		case !missing[f.Name]:
			return fmt.Errorf("files[%d].name: %q is given twice or not in the manifest", i, f.Name)
		case f.limit() <= 0:
			return fmt.Errorf("files[%d].max_bytes: want a bound above 0", i)
		}
		delete(missing, f.Name)
	}
	for name := range missing {
		return fmt.Errorf("files: the manifest names %q, no file brings it", name)
	}
	return nil
}

//go:embed catalog/*.json
var catalogue embed.FS

// Catalog returns the models that this build knows how to pull, by name. Entries
// share their slices: treat them as read-only.
func Catalog() []Entry { return append([]Entry(nil), entries()...) }

// Find returns the entry of that name. The error lists what there is.
func Find(name string) (Entry, error) {
	var names []string
	for _, e := range entries() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Entry{}, fmt.Errorf("no published model %q is known, only %s: docs/models.md tells how to bring another", name, strings.Join(names, ", "))
}

// entries panics on a broken catalogue: it is part of the build, and a test
// reads it.
var entries = sync.OnceValue(func() []Entry {
	files, err := fs.Glob(catalogue, "catalog/*.json")
	if err != nil {
		panic(err)
	}
	all := make([]Entry, 0, len(files))
	for _, file := range files {
		data, err := catalogue.ReadFile(file)
		if err != nil {
			panic(err)
		}
		var e Entry
		if err := decode(data, &e); err != nil {
			panic(fmt.Sprintf("%s: %v", file, err))
		}
		all = append(all, e)
	}
	return all
})

// decode refuses unknown keys. Catalogue and lock files are written by us; the
// manifest that comes of them passes model.Parse before it is written.
func decode(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}
