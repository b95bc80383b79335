package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/model"
)

// TestFolderWatch: a reload is due when another manifest lies there and nobody is
// writing any more, and once for each state of the folder.
func TestFolderWatch(t *testing.T) {
	dir := t.TempDir()
	variant(t, dir, 0)
	served := &generation{models: []*loadedModel{onDisk(t, dir)}, own: readOwn(config.Config{})}
	graph := served.models[0].graph.File
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
	served.models = []*loadedModel{onDisk(t, dir)}
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

// TestOwnFilesAreWatched: a rule or policy file that is written, added or removed is a
// reason to reload, once nobody writes any more. One of another kind is none.
func TestOwnFilesAreWatched(t *testing.T) {
	rules, policies := t.TempDir(), t.TempDir()
	cfg := config.Config{Rules: rules, Policies: policies}
	put(t, policies, "own.yaml", []byte("first"))
	served := &generation{own: readOwn(cfg)}
	var w folderWatch
	due := func(what string, want bool) {
		t.Helper()
		if w.due(served) != want {
			t.Errorf("%s: due is %v", what, !want)
		}
	}
	due("just loaded", false)
	due("nothing changed", false)
	for _, change := range []func(){
		func() { put(t, policies, "own.yaml", []byte("other")) },
		func() { put(t, policies, "own.yaml", []byte("first")); put(t, policies, "new.yaml", nil) },
		func() { put(t, rules, "new.yaml", nil) },
		func() { _ = os.Remove(filepath.Join(policies, "own.yaml")) },
	} {
		change()
		due("perhaps still being written", false)
		due("settled", true)
		w.trying(served)
		served = &generation{own: readOwn(cfg)}
		w.ended(false)
		due("loaded", false)
		due("loaded", false)
	}
	put(t, rules, "notes.txt", []byte("x"))
	due("no rules", false)
	due("no rules", false)
}
