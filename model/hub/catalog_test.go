package hub

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/model"
)

// Every entry must make a manifest that model.Parse takes, once digests and
// sizes are known; a broken one would only show after a long download.
func TestEveryEntryMakesAManifest(t *testing.T) {
	for _, e := range Catalog() {
		t.Run(e.Name, func(t *testing.T) {
			if err := e.check(); err != nil {
				t.Fatal(err)
			}
			if e.Name != e.Manifest.Name || len(e.ReadFrom) == 0 {
				t.Error("want the manifest's name, and where values were read from")
			}
			if e.Revision != "" && !commitPattern.MatchString(e.Revision) {
				t.Errorf("revision %q is no commit, so it could move", e.Revision)
			}
			var files []Fetched
			for _, f := range e.Files {
				if f.SHA256 != "" && !sha256Pattern.MatchString(f.SHA256) {
					t.Errorf("%s: digest %q", f.Path, f.SHA256)
				}
				f.SHA256, f.Bytes = strings.Repeat("0", 64), f.limit()
				files = append(files, Fetched{File: f})
			}
			m, _, err := (&pull{entry: e}).manifest(files)
			if err != nil {
				t.Fatal(err)
			}
			if w := m.Warnings(); len(w) > 0 {
				t.Error(w)
			}
		})
	}
}

// The order is that of the graph's outputs: config.json of unitary/toxic-bert.
func TestToxicBERTHasItsLabelsInOrder(t *testing.T) {
	e, err := Find("toxic-bert")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range e.Manifest.Labels {
		names = append(names, l.Name)
		if l.Activation != model.Sigmoid || l.Category != "toxicity" {
			t.Errorf("%+v", l)
		}
	}
	if got := strings.Join(names, " "); got != "toxic severe_toxic obscene threat insult identity_hate" {
		t.Error(got)
	}
}

func TestFindListsWhatThereIs(t *testing.T) {
	_, err := Find("gpt")
	expectError(t, err, "only toxic-bert")
}

func TestEntriesThatWouldHarmAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Entry)
		want   string
	}{
		"leaves the folder": {func(e *Entry) { e.Files[0].Name = "../vocab.txt" }, "want a plain file name"},
		"no bound":          {func(e *Entry) { e.Files[0].MaxBytes = 0 }, "files[0].max_bytes"},
		"twice":             {func(e *Entry) { e.Files[1].Name = e.Files[0].Name }, "given twice"},
		"overwrites":        {func(e *Entry) { e.Files[1].Name = model.ManifestName }, "not in the manifest"},
		"file missing":      {func(e *Entry) { e.Files = e.Files[1:] }, `the manifest names "vocab.txt"`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t)
			e := h.pinnedEntry(t)
			c.change(&e)
			_, err := Pull(t.Context(), e, h.patient(t, nil))
			expectError(t, err, c.want)
		})
	}
}

func TestLockFiles(t *testing.T) {
	h := newFakeHub(t)
	ones := strings.Repeat("1", 64)
	for name, c := range map[string]struct{ lock, want string }{
		"contradicts the build": {`{"repo":"Xenova/toxic-bert","revision":"` + commit + `","files":[{"path":"vocab.txt","sha256":"` + ones + `","bytes":1}]}`, "delete the lock file to trust the build"},
		"unknown key":           {`{"repository":"x"}`, `unknown field "repository"`},
		"bad digest":            {`{"repo":"x","files":[{"path":"vocab.txt","sha256":"1","bytes":1}]}`, "files[0]: want a sha256"},
		"cut":                   {`{"repo":`, "unexpected EOF"},
		"another revision":      {`{"repo":"Xenova/toxic-bert","revision":"old","files":[{"path":"vocab.txt","sha256":"` + ones + `","bytes":1}]}`, ""},
		"another repository":    {`{"repo":"Evil/toxic-bert","revision":"` + commit + `","files":[{"path":"vocab.txt","sha256":"` + ones + `","bytes":1}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := h.patient(t, nil)
			o.Lock = filepath.Join(t.TempDir(), "team.lock.json")
			if err := os.WriteFile(o.Lock, []byte(c.lock), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Pull(t.Context(), h.pinnedEntry(t), o)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			expectError(t, err, c.want)
		})
	}
}

// Pulls of several precisions, each trusted on first use, add up in the lock.
func TestTheLockFileGrows(t *testing.T) {
	h := newFakeHub(t)
	o := h.patient(t, nil)
	o.TrustOnFirstUse = true
	for _, precision := range []string{model.Int8, model.FP16} {
		o.Precisions = []string{precision}
		if _, err := Pull(t.Context(), h.openEntry(t), o); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(o.Dir); err != nil {
			t.Fatal(err)
		}
	}
	l, err := readLock(o.Dir + ".lock.json")
	if err != nil || len(l.Files) != 3 || l.Revision != commit {
		t.Errorf("%+v, %v", l, err)
	}
}
