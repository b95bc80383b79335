package hub

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/portcullis-ai/portcullis/model"
)

func TestPullMakesAModel(t *testing.T) {
	h := newFakeHub(t)
	var stages []Stage
	o := h.patient(t, nil)
	o.Progress = func(e Event) { stages = append(stages, e.Stage) }
	r, err := Pull(t.Context(), h.pinnedEntry(t), o)
	if err != nil {
		t.Fatal(err)
	}
	m := expectModel(t, o.Dir).Manifest()
	if m.Source.Revision != commit || r.Revision != commit || len(m.Graphs) != 3 || r.Lock != "" {
		t.Errorf("manifest %+v, result %+v", m, r)
	}
	verified := 0
	for _, s := range stages {
		if s == Verified {
			verified++
		}
	}
	if verified != 4 || stages[0] != Fetching {
		t.Errorf("progress %v, want all four verified", stages)
	}
}

func TestPullWithoutPinsNeedsTrust(t *testing.T) {
	h := newFakeHub(t)
	o := h.patient(t, nil)
	_, err := Pull(t.Context(), h.openEntry(t), o)
	if !errors.Is(err, ErrNotPinned) {
		t.Errorf("got %v", err)
	}
	expectError(t, err, "the revision, the digest of vocab.txt, the digest of onnx/model_quantized.onnx")
	expectError(t, err, "--trust-on-first-use")
	expectNoModel(t, o.Dir)
	if len(h.requests) > 0 {
		t.Errorf("asked the hub before it was trusted: %v", h.requests)
	}
}

func TestTrustOnFirstUseIsStoredAndHeldTo(t *testing.T) {
	h := newFakeHub(t)
	o := h.patient(t, nil)
	o.TrustOnFirstUse = true
	r, err := Pull(t.Context(), h.openEntry(t), o)
	if err != nil {
		t.Fatal(err)
	}
	expectModel(t, o.Dir)
	if r.Lock != o.Dir+".lock.json" || r.Revision != commit || !r.Files[0].Trusted {
		t.Errorf("result %+v", r)
	}
	if err := os.RemoveAll(o.Dir); err != nil {
		t.Fatal(err)
	}

	o.TrustOnFirstUse = false
	if r, err = Pull(t.Context(), h.openEntry(t), o); err != nil || r.Lock != "" || r.Revision != commit {
		t.Fatalf("the lock file does not stand in for pins: %+v, %v", r, err)
	}
	expectModel(t, o.Dir)

	if err := os.RemoveAll(o.Dir); err != nil {
		t.Fatal(err)
	}
	h.files["vocab.txt"][0] ^= 1
	o.TrustOnFirstUse = true // trusts the unknown, never against what is known
	if _, err = Pull(t.Context(), h.openEntry(t), o); !errors.Is(err, ErrDigest) {
		t.Errorf("a changed file passed: %v", err)
	}
	expectNoModel(t, o.Dir)
}

// A mirror may not tell the revision; the digests hold it to the bytes all the same.
func TestAMirrorNeedNotTellTheRevision(t *testing.T) {
	h := newFakeHub(t)
	h.mirror = true
	o := h.patient(t, nil)
	for _, o.TrustOnFirstUse = range []bool{true, false} {
		r, err := Pull(t.Context(), h.openEntry(t), o)
		if err != nil || r.Revision != "" {
			t.Fatalf("%+v, %v", r, err)
		}
		if m := expectModel(t, o.Dir).Manifest(); m.Source.Revision != "" {
			t.Errorf("revision %q was invented", m.Source.Revision)
		}
		if err := os.RemoveAll(o.Dir); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheRevisionOfTheFirstFileIsThatOfAll(t *testing.T) {
	h := newFakeHub(t)
	o := h.patient(t, nil)
	o.TrustOnFirstUse = true
	var revisions []string
	inner := h.hub.Config.Handler
	h.hub.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		revisions = append(revisions, filepath.Base(filepath.Dir(r.URL.Path)))
		inner.ServeHTTP(w, r)
	})
	if _, err := Pull(t.Context(), h.openEntry(t), o); err != nil {
		t.Fatal(err)
	}
	if revisions[0] != "main" {
		t.Errorf("first from %s", revisions[0])
	}
	if m := expectModel(t, o.Dir).Manifest(); m.Source.Revision != commit {
		t.Errorf("revision %q", m.Source.Revision)
	}
	for _, path := range []string{"onnx/model_quantized.onnx", "onnx/model.onnx"} {
		if got := h.asked("hub", path); len(got) != 1 {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestPullRefusesAnotherRevision(t *testing.T) {
	h := newFakeHub(t)
	e := h.pinnedEntry(t)
	h.faults["vocab.txt"] = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Repo-Commit", "ffffffffffffffffffffffffffffffffffffffff")
		serve(w, r, h.files["vocab.txt"])
	}}
	_, err := Pull(t.Context(), e, h.patient(t, nil))
	expectError(t, err, "asked for revision "+commit+", the server sends ffff")
}

func TestPullOfSomePrecisionsKeepsTheOthers(t *testing.T) {
	h := newFakeHub(t)
	e, o := h.pinnedEntry(t), h.patient(t, nil)
	for i, precision := range []string{model.Int8, model.FP16} {
		o.Precisions = []string{precision}
		if _, err := Pull(t.Context(), e, o); err != nil {
			t.Fatal(err)
		}
		if n := len(expectModel(t, o.Dir).Manifest().Graphs); n != i+1 {
			t.Errorf("%d graphs after pull %d", n, i+1)
		}
	}
	if n := len(h.asked("storage", "onnx/model_quantized.onnx")); n != 1 {
		t.Errorf("int8 was fetched %d times", n)
	}
	if len(h.asked("hub", "onnx/model.onnx")) > 0 {
		t.Error("fp32 was fetched although nobody asked")
	}
	o.Precisions = []string{"int4"}
	o.Dir = filepath.Join(t.TempDir(), "x")
	_, err := Pull(t.Context(), e, o)
	expectError(t, err, "no graph of precision int4")
}

func TestPullAgainFetchesNothing(t *testing.T) {
	h := newFakeHub(t)
	e, o := h.pinnedEntry(t), h.patient(t, nil)
	if _, err := Pull(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	before := len(h.requests)
	r, err := Pull(t.Context(), e, o)
	if err != nil || !r.Files[0].Kept || len(h.requests) != before {
		t.Errorf("result %+v, %v, %d requests more", r, err, len(h.requests)-before)
	}
	expectModel(t, o.Dir)
}

func TestPullRepairsADamagedFile(t *testing.T) {
	h := newFakeHub(t)
	e, o := h.pinnedEntry(t), h.patient(t, nil)
	if _, err := Pull(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, "model.int8.onnx"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Pull(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	expectModel(t, o.Dir)
}

// An update that fails half-way must leave the model that served until then.
func TestAFailedUpdateLeavesTheOldModel(t *testing.T) {
	h := newFakeHub(t)
	o := h.patient(t, nil)
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err != nil {
		t.Fatal(err)
	}
	h.files["vocab.txt"] = append(h.files["vocab.txt"], "world\n"...)
	h.files["onnx/model.onnx"] = noise(9, 1000)
	h.faults["onnx/model.onnx"] = []http.HandlerFunc{status(404)}
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err == nil {
		t.Fatal("no error")
	}
	m, err := model.OpenDir(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(t.Context()); err != nil {
		t.Errorf("the old model is damaged: %v", err)
	}
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err != nil {
		t.Fatal(err)
	}
	expectModel(t, o.Dir)
}

func TestTwoPullsOfAFolderExcludeEachOther(t *testing.T) {
	h := newFakeHub(t)
	e, o := h.pinnedEntry(t), h.patient(t, nil)
	entered, leave := make(chan struct{}), make(chan struct{})
	h.faults["vocab.txt"] = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-leave
		serve(w, r, h.files["vocab.txt"])
	}}
	first := make(chan error)
	go func() {
		_, err := Pull(context.Background(), e, o)
		first <- err
	}()
	<-entered
	if _, err := Pull(t.Context(), e, o); !errors.Is(err, ErrBusy) {
		t.Errorf("the second pull: %v", err)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Error(err)
	}
	expectModel(t, o.Dir)
}

func TestPullLeavesAnotherModelAlone(t *testing.T) {
	h := newFakeHub(t)
	e, o := h.pinnedEntry(t), h.patient(t, nil)
	if _, err := Pull(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	e.Manifest.Name = "other"
	_, err := Pull(t.Context(), e, o)
	expectError(t, err, "holds the model toxic-bert: choose another folder")
	expectModel(t, o.Dir)
}
