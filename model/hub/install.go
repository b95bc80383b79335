package hub

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/portcullis-ai/portcullis/model"
)

// install turns verified parts into a model: trust first, the manifest last. In
// between the folder has no manifest, so a crash leaves no model rather than a
// mixture of two, and a further pull completes it without fetching anew.
func (p *pull) install(r *Result) error {
	manifest, data, err := p.manifest(r.Files)
	if err != nil {
		return err
	}
	r.Manifest, r.Revision = manifest, p.entry.Revision
	if err := p.remember(r); err != nil {
		return err
	}
	path := filepath.Join(p.opts.Dir, model.ManifestName)
	old, err := os.ReadFile(path) //nolint:gosec // a file of the caller's own folder
	if err == nil && bytes.Equal(old, data) && allKept(r.Files) {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range r.Files {
		if f.Kept {
			continue
		}
		final := filepath.Join(p.opts.Dir, f.Name)
		if err := os.Rename(final+".part", final); err != nil {
			return err
		}
		discardPart(final + ".part")
	}
	return writeWhole(path, data)
}

// manifest fills in the template and has it judged like any other.
func (p *pull) manifest(files []Fetched) (model.Manifest, []byte, error) {
	m := p.entry.Manifest
	m.Source.Revision = p.entry.Revision
	m.Graphs = append([]model.GraphFile(nil), m.Graphs...)
	for _, f := range files {
		if f.Name == m.Tokenizer.Vocab {
			m.Tokenizer.SHA256 = f.SHA256
		}
		for i := range m.Graphs {
			if m.Graphs[i].File == f.Name {
				m.Graphs[i].SHA256, m.Graphs[i].Size = f.SHA256, f.Bytes
			}
		}
	}
	data, err := m.Marshal()
	if err != nil {
		return m, nil, err
	}
	_, err = model.Parse(data)
	return m, data, err
}

// remember writes the lock file if anything was trusted on first use. It keeps
// what an earlier pull pinned of the same revision, such as other precisions.
func (p *pull) remember(r *Result) error {
	if !anyTrusted(r.Files) {
		return nil
	}
	old, err := readLock(p.opts.Lock)
	if err != nil {
		return err
	}
	l := lock{Repo: p.entry.Repo, Revision: p.entry.Revision}
	fresh := map[string]bool{}
	for _, f := range r.Files {
		l.Files = append(l.Files, pinned{Path: f.Path, SHA256: f.SHA256, Bytes: f.Bytes})
		fresh[f.Path] = true
	}
	for _, f := range old.Files {
		if old.Repo == l.Repo && old.Revision == l.Revision && !fresh[f.Path] {
			l.Files = append(l.Files, f)
		}
	}
	r.Lock = p.opts.Lock
	return l.write(p.opts.Lock)
}

func allKept(files []Fetched) bool {
	for _, f := range files {
		if !f.Kept {
			return false
		}
	}
	return true
}

func anyTrusted(files []Fetched) bool {
	for _, f := range files {
		if f.Trusted {
			return true
		}
	}
	return false
}
