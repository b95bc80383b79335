package hub

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTokenStaysWithTheEndpoint(t *testing.T) {
	h := newFakeHub(t)
	o := h.patient(t, nil)
	o.Token = "hf_secret"
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err != nil {
		t.Fatal(err)
	}
	for _, r := range h.requests {
		want := ""
		if r.server == "hub" {
			want = "Bearer hf_secret"
		}
		if r.auth != want {
			t.Errorf("%s of %s got %q", r.server, r.path, r.auth)
		}
	}
}

func TestRedirectsNeverFallToHTTP(t *testing.T) {
	h := newFakeHub(t)
	secure := httptest.NewTLSServer(h.hub.Config.Handler)
	defer secure.Close()
	o := h.patient(t, nil)
	o.Endpoint, o.Client = secure.URL, secure.Client()
	_, err := Pull(t.Context(), h.pinnedEntry(t), o)
	expectError(t, err, "redirected from https to http")
}

func TestACertificateOfAnotherIsNotTriedAgain(t *testing.T) {
	h := newFakeHub(t)
	secure := httptest.NewTLSServer(h.hub.Config.Handler)
	defer secure.Close()
	o := h.patient(t, nil)
	o.Endpoint = secure.URL
	o.Progress = func(e Event) { t.Errorf("%v", e) }
	_, err := Pull(t.Context(), h.pinnedEntry(t), o)
	expectError(t, err, "certificate")
}

func TestErrorsDoNotShowSignedAddresses(t *testing.T) {
	h := newFakeHub(t)
	h.storage.Close()
	h.faults["vocab.txt"] = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, h.storage.URL+"/blob?Signature=secret", http.StatusFound)
	}}
	o := h.patient(t, nil)
	o.Progress = func(e Event) {
		if e.Err != nil && strings.Contains(e.String(), "Signature") {
			t.Error(e)
		}
	}
	h.faults["vocab.txt"] = append(h.faults["vocab.txt"], status(404))
	_, err := Pull(t.Context(), h.pinnedEntry(t), o)
	expectError(t, err, "404")
}

func TestOptionsAreChecked(t *testing.T) {
	h := newFakeHub(t)
	dir := filepath.Join(t.TempDir(), "m")
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{}, "no folder to pull into"},
		{Options{Dir: dir, Endpoint: "huggingface.co"}, "want a URL such as"},
		{Options{Dir: dir, Endpoint: "ftp://x"}, "want a URL such as"},
		{Options{Dir: dir, Endpoint: "http://mirror.example", Token: "x"}, "only sent over https"},
	} {
		_, err := Pull(t.Context(), h.pinnedEntry(t), c.o)
		expectError(t, err, c.want)
	}
	env := map[string]string{"HF_ENDPOINT": "https://mirror.example/hf/", "HF_TOKEN": " hf_x\n"}
	o := FromEnvironment(func(key string) string { return env[key] })
	if o.Endpoint != "https://mirror.example/hf/" || o.Token != "hf_x" {
		t.Errorf("%+v", o)
	}
}

// The addresses are the hub's own: a wrong one would only show on the hub.
func TestAddressesAreThoseOfTheHub(t *testing.T) {
	e, err := Find("toxic-bert")
	if err != nil {
		t.Fatal(err)
	}
	for endpoint, want := range map[string]string{
		"":                        "https://huggingface.co/Xenova/toxic-bert/resolve/3c89195bae68ad90eba677b7f1a893bd28854d38/onnx/model_quantized.onnx",
		"https://mirror.example/": "https://mirror.example/Xenova/toxic-bert/resolve/3c89195bae68ad90eba677b7f1a893bd28854d38/onnx/model_quantized.onnx",
	} {
		o, u, err := Options{Dir: "x", Endpoint: endpoint}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		p := &pull{entry: e, opts: o, endpoint: u}
		if got := p.url(e.Files[1]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Go would ask for gzip by itself and unpack a few bytes into gigabytes.
func TestFilesAreAskedForPlainly(t *testing.T) {
	h := newFakeHub(t)
	h.faults["vocab.txt"] = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("asked for %q", got)
		}
		serve(w, r, h.files["vocab.txt"])
	}}
	if _, err := Pull(t.Context(), h.pinnedEntry(t), h.patient(t, nil)); err != nil {
		t.Fatal(err)
	}
}
