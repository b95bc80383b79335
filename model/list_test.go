package model

import (
	"os"
	"path/filepath"
	"testing"
)

func TestListShowsBrokenModelsBesideSoundOnes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b-sound", "a-broken", "c-empty"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, "{}", dir, "a-broken", ManifestName)
	write(t, string(marshal(t, sound())), dir, "b-sound", ManifestName)
	write(t, "", dir, "a-file")
	got, err := List(dir)
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v, want two", got, err)
	}
	if got[0].Dir != filepath.Join(dir, "a-broken") || got[0].Err == nil || got[0].Model != nil {
		t.Errorf("the broken one: %+v", got[0])
	}
	if got[1].Err != nil || got[1].Model.Manifest().Name != "tiny" {
		t.Errorf("the sound one: %+v", got[1])
	}
}

func TestListOfNoFolderIsEmpty(t *testing.T) {
	if got, err := List(filepath.Join(t.TempDir(), "none")); err != nil || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestDefaultDir(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"PORTCULLIS_MODELS_DIR": "m", "XDG_DATA_HOME": "/x", "HOME": "/h"}, "m"},
		{map[string]string{"XDG_DATA_HOME": "/x", "HOME": "/h"}, "/x/portcullis/models"},
		{map[string]string{"XDG_DATA_HOME": "relative", "HOME": "/h"}, "/h/.local/share/portcullis/models"},
		{map[string]string{"HOME": "/h"}, "/h/.local/share/portcullis/models"},
		{nil, ""},
	} {
		got, err := DefaultDir(func(key string) string { return c.env[key] })
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%v: got %q, %v, want %q", c.env, got, err, c.want)
		}
	}
}
