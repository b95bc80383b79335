package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/model"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// fakeHub serves files of the names that the real hub uses: small ones itself,
// large ones by a redirect to a storage on another port, as the hub does.
type fakeHub struct {
	hub, storage *httptest.Server
	files        map[string][]byte // by path in the repository
	mirror       bool              // does not tell the revision

	mu       sync.Mutex
	requests []seen
	// faults are used up one a request to the path, before it is served whole.
	faults map[string][]http.HandlerFunc
}

// seen is a request that reached hub or storage.
type seen struct{ server, path, auth, rng, ifRange string }

func newFakeHub(t *testing.T) *fakeHub {
	h := &fakeHub{files: map[string][]byte{
		"vocab.txt":                 []byte("[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n"),
		"onnx/model_quantized.onnx": noise(1, 300_000),
		"onnx/model_fp16.onnx":      noise(2, 500_000),
		"onnx/model.onnx":           noise(3, 700_000),
	}, faults: map[string][]http.HandlerFunc{}}
	h.storage = httptest.NewServer(http.HandlerFunc(h.serveStorage))
	h.hub = httptest.NewServer(http.HandlerFunc(h.serveHub))
	t.Cleanup(h.storage.Close)
	t.Cleanup(h.hub.Close)
	return h
}

func noise(seed uint64, n int) []byte {
	src := rand.NewChaCha8([32]byte{byte(seed)})
	b := make([]byte, n)
	_, _ = src.Read(b)
	return b
}

func (h *fakeHub) serveHub(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/Xenova/toxic-bert/resolve/")
	revision, path, _ := strings.Cut(rest, "/")
	data, found := h.files[path]
	if !ok || !found || (revision != "main" && revision != commit) {
		http.NotFound(w, r)
		return
	}
	if !h.mirror {
		w.Header().Set("X-Repo-Commit", commit)
	}
	if strings.HasPrefix(path, "onnx/") {
		h.note("hub", path, r)
		w.Header().Set("X-Linked-Etag", `"`+digestOf(data)+`"`)
		http.Redirect(w, r, h.storage.URL+"/"+path, http.StatusFound)
		return
	}
	h.serveFile("hub", w, r, path)
}

func (h *fakeHub) serveStorage(w http.ResponseWriter, r *http.Request) {
	h.serveFile("storage", w, r, strings.TrimPrefix(r.URL.Path, "/"))
}

func (h *fakeHub) serveFile(server string, w http.ResponseWriter, r *http.Request, path string) {
	h.note(server, path, r)
	if fault := h.nextFault(path); fault != nil {
		fault(w, r)
		return
	}
	serve(w, r, h.files[path])
}

// serve is a server that knows ranges and validators.
func serve(w http.ResponseWriter, r *http.Request, data []byte) {
	w.Header().Set("ETag", `"`+digestOf(data)[:16]+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
}

func (h *fakeHub) note(server, path string, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests = append(h.requests, seen{server, path, r.Header.Get("Authorization"), r.Header.Get("Range"), r.Header.Get("If-Range")})
}

func (h *fakeHub) nextFault(path string) http.HandlerFunc {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.faults[path]) == 0 {
		return nil
	}
	fault := h.faults[path][0]
	h.faults[path] = h.faults[path][1:]
	return fault
}

// asked returns the requests for a path that reached a server.
func (h *fakeHub) asked(server, path string) []seen {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []seen
	for _, r := range h.requests {
		if r.server == server && r.path == path {
			found = append(found, r)
		}
	}
	return found
}

// cutAfter serves a file and breaks the connection n bytes into the body.
func cutAfter(n int, data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		serve(&cutter{ResponseWriter: w, left: n}, r, data)
	}
}

type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(b []byte) (int, error) {
	if len(b) <= c.left {
		c.left -= len(b)
		return c.ResponseWriter.Write(b)
	}
	_, _ = c.ResponseWriter.Write(b[:c.left])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// pinnedEntry is the catalogue's toxic-bert with the fake hub's digests.
func (h *fakeHub) pinnedEntry(t *testing.T) Entry {
	e := h.openEntry(t)
	e.Revision = commit
	for i, f := range e.Files {
		e.Files[i].SHA256 = digestOf(h.files[f.Path])
	}
	return e
}

// openEntry is the catalogue's toxic-bert of which nothing is known.
func (h *fakeHub) openEntry(t *testing.T) Entry {
	t.Helper()
	e, err := Find("toxic-bert")
	if err != nil {
		t.Fatal(err)
	}
	e.Revision = ""
	e.Files = append([]File(nil), e.Files...)
	for i := range e.Files {
		e.Files[i].SHA256, e.Files[i].Bytes = "", 0
	}
	return e
}

// patient are options whose waits are noted instead of waited.
func (h *fakeHub) patient(t *testing.T, waits *[]time.Duration) Options {
	return Options{
		Dir: filepath.Join(t.TempDir(), "models", "toxic-bert"), Endpoint: h.hub.URL,
		pace: pace{stall: 10 * time.Second, sleep: func(ctx context.Context, d time.Duration) error {
			if waits != nil {
				*waits = append(*waits, d)
			}
			return ctx.Err()
		}},
	}
}

// expectModel wants a folder that opens and verifies.
func expectModel(t *testing.T, dir string) *model.Model {
	t.Helper()
	m, err := model.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"*.part*", ".*"} {
		if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	return m
}

func expectNoModel(t *testing.T, dir string) {
	t.Helper()
	if _, err := model.OpenDir(dir); err == nil {
		t.Error("a failed pull left something that opens as a model")
	}
}

func expectError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}
