package model

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestRecheck: a model that is served is compared with what was loaded, not with
// what the folder says now.
func TestRecheck(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(dir string)
		want   error
	}{
		"nothing changed": {func(string) {}, nil},
		"another graph":   {func(dir string) { write(t, "an 1nt8 graph", dir, int8File) }, ErrMismatch},
		"a longer graph":  {func(dir string) { write(t, contents[int8File]+"!", dir, int8File) }, ErrMismatch},
		"no graph":        {func(dir string) { _ = os.Remove(filepath.Join(dir, int8File)) }, fs.ErrNotExist},
		"another vocab":   {func(dir string) { write(t, vocab+"world\n", dir, "vocab.txt") }, ErrMismatch},
		"a graph unused":  {func(dir string) { write(t, "x", dir, fp16File) }, nil},
		"another manifest": {func(dir string) {
			m := sound()
			write(t, "another int8 graph", dir, int8File)
			m.Graphs[0].SHA256, m.Graphs[0].Size = hexDigest([]byte("another int8 graph")), 18
			write(t, string(marshal(t, m)), dir, ManifestName)
		}, ErrMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, sound())
			m, err := OpenDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			g, err := m.Graph(CPU, Auto)
			if err != nil {
				t.Fatal(err)
			}
			tc.change(dir)
			if err := g.Recheck(t.Context()); !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
		})
	}
}

// slowFile takes a second to read, whatever is asked of it.
type slowFile struct{ fs.File }

func (f slowFile) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return f.File.Read(p)
}

type slowFS struct{ fs.FS }

func (s slowFS) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return slowFile{f}, err
}

// TestRecheckRests: most of the time it does nothing, and it ends with its context.
func TestRecheckRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &Model{fsys: slowFS{files(t, sound())}}
		began := time.Now()
		_, _, err := m.digest(t.Context(), int8File, int64(len(contents[int8File])), 4, restShare)
		if took := time.Since(began); err != nil || took < 30*time.Second {
			t.Errorf("four reads of a second took %v with their rests: %v", took, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began = time.Now()
		_, _, err = m.digest(ctx, int8File, int64(len(contents[int8File])), 4, restShare)
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != 5*time.Second {
			t.Errorf("it ended after %v: %v", took, err)
		}
	})
}

func TestTrace(t *testing.T) {
	dir := folder(t, sound())
	link := filepath.Join(t.TempDir(), "current")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	m, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	before := TraceOf(link)
	if before.Manifest != m.ManifestDigest() || before != TraceOf(dir) {
		t.Errorf("a trace of %+v through a link, of %+v without", before, TraceOf(dir))
	}
	write(t, "another graph", dir, fp16File)
	if after := TraceOf(link); after.Manifest != before.Manifest || after.Files == before.Files {
		t.Errorf("a graph was written: %+v, %+v", before, after)
	}
	write(t, "{}", dir, ManifestName)
	if after := TraceOf(link); after.Manifest == before.Manifest {
		t.Error("a changed manifest left no trace")
	}
	if err := os.Remove(filepath.Join(dir, ManifestName)); err != nil {
		t.Fatal(err)
	}
	if after := TraceOf(link); after.Manifest != "" || after.Files == "" {
		t.Errorf("without a manifest: %+v", after)
	}
	if gone := TraceOf(filepath.Join(dir, "gone")); gone.Manifest != "" {
		t.Errorf("of no folder: %+v", gone)
	}
}
