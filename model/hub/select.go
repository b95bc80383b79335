package hub

import (
	"fmt"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/model"
)

// wanted is the entry cut down to the graphs asked for and those that are there,
// with everything that is known about their files.
func wanted(e Entry, o Options) (Entry, error) {
	if err := e.check(); err != nil {
		return e, err
	}
	precisions := slices.Clone(o.Precisions)
	if old, err := model.OpenDir(o.Dir); err == nil {
		if name := old.Manifest().Name; name != e.Manifest.Name {
			return e, fmt.Errorf("%s holds the model %s: choose another folder", o.Dir, name)
		}
		if len(precisions) > 0 {
			precisions = append(precisions, precisionsOf(old.Manifest())...)
		}
	}
	e, err := e.only(precisions)
	if err != nil {
		return e, err
	}
	l, err := readLock(o.Lock)
	if err != nil {
		return e, err
	}
	if e, err = e.pinnedBy(l, o.Lock); err != nil || o.TrustOnFirstUse {
		return e, err
	}
	return e, e.needsPins(o.Lock)
}

// only keeps the graphs of some precisions, and the vocabulary.
func (e Entry) only(precisions []string) (Entry, error) {
	if len(precisions) == 0 {
		return e, nil
	}
	names := []string{e.Manifest.Tokenizer.Vocab}
	var graphs []model.GraphFile
	for _, g := range e.Manifest.Graphs {
		if slices.Contains(precisions, g.Precision) {
			graphs, names = append(graphs, g), append(names, g.File)
		}
	}
	if len(graphs) == 0 {
		return e, fmt.Errorf("it has no graph of precision %s", strings.Join(precisions, ", "))
	}
	e.Manifest.Graphs = graphs
	e.Files = slices.DeleteFunc(slices.Clone(e.Files), func(f File) bool { return !slices.Contains(names, f.Name) })
	return e, nil
}

func precisionsOf(m model.Manifest) []string {
	all := make([]string, 0, len(m.Graphs))
	for _, g := range m.Graphs {
		all = append(all, g.Precision)
	}
	return all
}

// needsPins refuses to go on without trust on first use if a digest is unknown.
// With every digest known the revision may be: a mirror does not always tell it,
// and the digests hold the server to the same bytes.
func (e Entry) needsPins(lock string) error {
	var open []string
	for _, f := range e.Files {
		if f.SHA256 == "" {
			open = append(open, "the digest of "+f.Path)
		}
	}
	if len(open) == 0 {
		return nil
	}
	if e.Revision == "" {
		open = append([]string{"the revision"}, open...)
	}
	return fmt.Errorf("%w: nobody has read %s from the source yet: pull once with --trust-on-first-use, "+
		"which stores what the server sends in %s, or put a lock file you trust there", ErrNotPinned, strings.Join(open, ", "), lock)
}
