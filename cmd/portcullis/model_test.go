package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
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

// Two models are two checks, each by its manifest alone.
func TestTwoModelsAreTwoChecks(t *testing.T) {
	dir := copyBundled(t, func(manifest string) string {
		return strings.NewReplacer(`"portcullis-mini"`, `"second"`, `"classifier"`, `"second-check"`).Replace(manifest)
	})
	code, out, errs := command(t, "", "check", "--json", "--model", "bundled", "--model", dir, "You are a stupid, worthless idiot.")
	v := &pb.ValidateResponse{}
	if err := protojson.Unmarshal([]byte(out), v); err != nil || code != exitBlock {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	completed := 0
	for _, c := range v.GetChecks() {
		if strings.Contains("classifier second-check", c.GetCheck()) && c.GetState() == pb.CheckState_CHECK_STATE_COMPLETED {
			completed++
		}
	}
	if completed != 2 || len(v.GetScores()) != 16 {
		t.Errorf("%d model checks and %d scores: %s", completed, len(v.GetScores()), out)
	}
}

// A model that answers otherwise than its manifest says never takes a text.
func TestModelWithWrongAnswersIsRefused(t *testing.T) {
	dir := copyBundled(t, func(manifest string) string {
		return strings.Replace(manifest, `"bias":`, `"bias": 9, "was":`, 1)
	})
	if code, _, errs := command(t, "", "check", "--model", dir, "hello"); code != exitFailure || !strings.Contains(errs, "was") {
		t.Errorf("an unknown key: exit %d: %s", code, errs)
	}
	dir = copyBundled(t, func(manifest string) string {
		return regexp.MustCompile(`"bias": *[-0-9.]+`).ReplaceAllString(manifest, `"bias": 9`)
	})
	if code, _, errs := command(t, "", "check", "--model", dir, "hello"); code != exitFailure || !strings.Contains(errs, "known answer 1") {
		t.Errorf("wrong answers: exit %d: %s", code, errs)
	}
}

// copyBundled makes a folder of the bundled model with another manifest.
func copyBundled(t *testing.T, edit func(manifest string) string) string {
	t.Helper()
	const from = "../../model/bundled"
	dir := t.TempDir()
	for _, name := range []string{"manifest.json", "vocab.txt", "model.int8.onnx"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "manifest.json" {
			data = []byte(edit(string(data)))
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
