package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestModelVerifyBundled(t *testing.T) {
	code, out, errs := command(t, "", "model", "verify", "bundled")
	if code != exitOK || strings.Count(out, "sha256:") != 2 {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if code, _, errs := command(t, "", "model", "verify", t.TempDir()); code != exitFailure || !strings.Contains(errs, "manifest.json") {
		t.Errorf("an empty folder: exit %d: %s", code, errs)
	}
}

// A pull from a hub that serves files of the right names: refused without trust,
// taken with it, and listed and verified afterwards.
func TestModelPull(t *testing.T) {
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Repo-Commit", r.URL.Path[len("/Xenova/toxic-bert/resolve/"):][:40])
		_, _ = w.Write([]byte("content of " + r.URL.Path))
	}))
	defer hub.Close()
	models := t.TempDir()
	t.Setenv("HF_ENDPOINT", hub.URL)
	t.Setenv("PORTCULLIS_MODELS_DIR", models)
	pull := []string{"model", "pull", "toxic-bert", "--precision", "fp32"}

	if code, _, errs := command(t, "", pull...); code != exitFailure || !strings.Contains(errs, "--trust-on-first-use") {
		t.Fatalf("unpinned files were taken: exit %d: %s", code, errs)
	}
	code, out, errs := command(t, "", append(pull, "--trust-on-first-use")...)
	if code != exitOK || !strings.Contains(errs, "trusted on first use, sha256") || !strings.Contains(out, filepath.Join(models, "toxic-bert")) {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if code, out, _ := command(t, "", "model", "list"); code != exitOK || !strings.Contains(out, "identity_hate") || strings.Contains(out, "model pull toxic-bert") {
		t.Errorf("exit %d: %s", code, out)
	}
	if code, out, errs := command(t, "", "model", "verify", filepath.Join(models, "toxic-bert")); code != exitOK {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if code, _, errs := command(t, "", "model", "pull", "nobody"); code != exitFailure || !strings.Contains(errs, "toxic-bert") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
