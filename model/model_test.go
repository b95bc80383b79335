package model

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestVerifyPassesWhatTheManifestDescribes(t *testing.T) {
	onDisk, err := OpenDir(folder(t, sound()))
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := Open(files(t, sound()))
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Model{"on disk": onDisk, "embedded": embedded} {
		if err := m.Verify(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if data, err := m.Vocabulary(); err != nil || string(data) != vocab {
			t.Errorf("%s: vocabulary %q, %v", name, data, err)
		}
	}
}

func TestVerifyNamesFileWantedAndFound(t *testing.T) {
	graph := contents[int8File]
	for name, c := range map[string]struct{ file, data, want string }{
		"graph changed":  {int8File, strings.ToUpper(graph), "found " + hexDigest([]byte(strings.ToUpper(graph)))},
		"graph cut":      {int8File, graph[:4], "found 4 bytes, manifest.json says 13 bytes"},
		"graph grown":    {int8File, graph + strings.Repeat("x", 3<<20), "found more bytes, manifest.json says 13 bytes"},
		"other graph":    {fp16File, strings.ToUpper(contents[fp16File]), filepath.FromSlash(fp16File)},
		"vocab changed":  {"vocab.txt", "hello\n", "vocab.txt: found " + hexDigest([]byte("hello\n"))},
		"vocab is empty": {"vocab.txt", "", hexDigest([]byte(vocab))},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, sound())
			write(t, c.data, dir, c.file)
			m, err := OpenDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			err = m.Verify(t.Context())
			if !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestVerifyTellsAMissingFileFromAWrongOne(t *testing.T) {
	fsys := files(t, sound())
	delete(fsys, int8File)
	m, err := Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	err = m.Verify(t.Context())
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), int8File) {
		t.Errorf("got %v, want the missing %s", err, int8File)
	}
}

func TestVerifyStopsWithItsContext(t *testing.T) {
	m, err := Open(files(t, sound()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
}

func TestOpenNamesTheFileAndTheKey(t *testing.T) {
	dir := folder(t, sound())
	write(t, `{"format": 1}`, dir, ManifestName)
	_, err := OpenDir(dir)
	if want := filepath.Join(dir, ManifestName) + ": name: missing"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := OpenDir(t.TempDir()); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "is not a model") {
		t.Errorf("an empty folder: %v", err)
	}
	huge := fstest.MapFS{ManifestName: {Data: make([]byte, maxManifest+1)}}
	if _, err := Open(huge); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a huge manifest: %v", err)
	}
}
