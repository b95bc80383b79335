package model

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxManifest bounds the manifest in bytes. Known answers are the only part
// that grows, and a megabyte holds thousands.
const maxManifest = 1 << 20

// Model is a folder whose manifest has been read and found sound. It holds no
// files open and is safe for concurrent use. What the other files hold is
// checked by Verify, Vocabulary and Graph.Verify.
type Model struct {
	fsys           fs.FS
	dir            string
	manifest       Manifest
	manifestDigest string
}

// Open reads the manifest of a model in any file system, such as an embedded
// one. Its graphs have no path and are read into memory.
func Open(fsys fs.FS) (*Model, error) { return open(fsys, "") }

// OpenDir reads the manifest of a model folder on disk. Its graphs have a path.
func OpenDir(dir string) (*Model, error) {
	m, err := open(os.DirFS(dir), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not a model: it has no %s (is a pull under way?): %w", dir, ManifestName, fs.ErrNotExist)
	}
	return m, err
}

func open(fsys fs.FS, dir string) (*Model, error) {
	m := &Model{fsys: fsys, dir: dir}
	data, err := readAtMost(fsys, ManifestName, maxManifest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.where(ManifestName), err)
	}
	if m.manifest, err = Parse(data); err != nil {
		return nil, fmt.Errorf("%s: %w", m.where(ManifestName), err)
	}
	m.manifestDigest = hexDigest(data)
	return m, nil
}

// Manifest returns what the manifest says. Treat it as read-only.
func (m *Model) Manifest() Manifest { return m.manifest }

// ManifestDigest is the SHA-256 of the manifest as it was read, in hex. The manifest
// holds the digests of the other files, so models of the same digest are the same.
func (m *Model) ManifestDigest() string { return m.manifestDigest }

// Dir returns the folder on disk, empty for a model in another file system.
func (m *Model) Dir() string { return m.dir }

// Vocabulary reads the vocabulary and verifies its digest: what it returns is
// what the manifest promised.
func (m *Model) Vocabulary() ([]byte, error) {
	t := m.manifest.Tokenizer
	data, err := readAtMost(m.fsys, t.Vocab, maxVocabulary)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.where(t.Vocab), err)
	}
	if found := hexDigest(data); found != t.SHA256 {
		return nil, m.differs(t.Vocab, t.SHA256, found)
	}
	return data, nil
}

// where names a file for people.
func (m *Model) where(file string) string {
	if m.dir == "" {
		return "embedded " + file
	}
	return filepath.Join(m.dir, filepath.FromSlash(file))
}

// readAtMost reads a regular file of at most limit bytes. A device or a pipe
// could keep us reading for ever.
func readAtMost(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := openRegular(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("is longer than %d bytes", limit)
	}
	return data, nil
}

// openRegular looks before it opens: opening a pipe blocks until somebody
// writes to it.
func openRegular(fsys fs.FS, name string) (fs.File, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	return fsys.Open(name)
}
