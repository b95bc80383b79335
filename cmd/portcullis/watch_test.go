package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/portcullis-ai/portcullis/model"
)

// TestFolderWatch: a reload is due when another manifest lies there and nobody is
// writing any more, and once for each state of the folder.
func TestFolderWatch(t *testing.T) {
	dir := t.TempDir()
	variant(t, dir, 0)
	served := []*loadedModel{onDisk(t, dir)}
	graph := served[0].graph.File
	var w folderWatch
	due := func(what string, want bool) {
		t.Helper()
		if w.due(served) != want {
			t.Errorf("%s: due is %v", what, !want)
		}
	}
	attempt := func(ok bool) {
		w.trying(served)
		w.ended(!ok)
	}
	due("just loaded", false)
	due("nothing changed", false)

	put(t, dir, graph, []byte("the first half"))
	due("a graph alone", false)
	due("a graph alone, still", false)

	variant(t, dir, 0.5)
	due("another model, perhaps not whole yet", false)
	put(t, dir, graph, []byte("still writing"))
	due("somebody writes", false)
	due("nobody writes any more", true)
	attempt(false)
	due("refused as it is", false)

	variant(t, dir, 0.5)
	due("written again", false)
	due("and settled", true)
	attempt(true)
	served = []*loadedModel{onDisk(t, dir)}
	due("loaded", false)
	due("loaded", false)

	put(t, dir, model.ManifestName, []byte("{}"))
	due("broken", false)
	due("broken", true)
	attempt(false)
	due("broken, and told", false)
	variant(t, dir, 0.5)
	due("put right: the refusal is no longer true", false)
	due("put right", true)
	attempt(true)
	due("all is well", false)

	if err := os.Remove(filepath.Join(dir, model.ManifestName)); err != nil {
		t.Fatal(err)
	}
	due("a pull is under way", false)
	due("a pull is under way", false)
}
