package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

var (
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	commitPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// lock is what was trusted on first use: the content of a lock file. It lies
// beside the model folder, not in it, so that deleting a model does not delete
// the trust in its files; teams share it by copying it.
type lock struct {
	Repo     string   `json:"repo"`
	Revision string   `json:"revision,omitempty"`
	Files    []pinned `json:"files"`
}

type pinned struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// readLock returns the zero lock if there is no file.
func readLock(path string) (lock, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the caller chooses its lock file
	if errors.Is(err, fs.ErrNotExist) {
		return lock{}, nil
	}
	if err != nil {
		return lock{}, fmt.Errorf("read lock file: %w", err)
	}
	var l lock
	if err := decode(data, &l); err != nil {
		return lock{}, fmt.Errorf("%s: %w", path, err)
	}
	for i, f := range l.Files {
		if !sha256Pattern.MatchString(f.SHA256) || f.Bytes <= 0 {
			return lock{}, fmt.Errorf("%s: files[%d]: want a sha256 of 64 lower-case hex digits and bytes above 0", path, i)
		}
	}
	return l, nil
}

func (l lock) write(path string) error {
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	return writeWhole(path, append(data, '\n'))
}

// pinnedBy adds what the lock knows to what the catalogue knows. A lock of
// another repository or revision says nothing about these files; one that
// contradicts the catalogue on the same revision is refused.
func (e Entry) pinnedBy(l lock, path string) (Entry, error) {
	if l.Repo != e.Repo || (e.Revision != "" && l.Revision != e.Revision) {
		return e, nil
	}
	e.Revision = l.Revision
	known := map[string]pinned{}
	for _, f := range l.Files {
		known[f.Path] = f
	}
	files := append([]File(nil), e.Files...)
	for i, f := range files {
		k, ok := known[f.Path]
		if !ok {
			continue
		}
		if f.SHA256 != "" && f.SHA256 != k.SHA256 {
			return e, fmt.Errorf("%s: %s: the lock says %s, this build says %s: delete the lock file to trust the build", path, f.Path, k.SHA256, f.SHA256)
		}
		files[i].SHA256, files[i].Bytes = k.SHA256, k.Bytes
	}
	e.Files = files
	return e, nil
}

// writeWhole replaces a file or leaves it as it was: readers never see half.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone already if the rename succeeded
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
