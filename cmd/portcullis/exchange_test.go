package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/portcullis-ai/portcullis/model"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// bundledDir holds the bundled model as a folder.
const bundledDir = "../../model/bundled"

// variant writes the bundled model into dir with another graph file, which computes
// the same, and a bias added to every label's calibration. It returns its digest.
func variant(t *testing.T, dir string, bias float64, change ...func(*model.Manifest)) (digest string) {
	t.Helper()
	m, graph, vocab := bundledFiles(t)
	graph = append(graph, 0x32, 1, byte('a'+int(8*bias))) // ONNX: ModelProto.doc_string, a text of one letter
	sum := sha256.Sum256(graph)
	g := &m.Graphs[0]
	g.SHA256, g.Size = hex.EncodeToString(sum[:]), int64(len(graph))
	for i, l := range m.Labels {
		s := l.Scaling()
		m.Labels[i].Calibration = &model.Calibration{Scale: s.Scale, Bias: s.Bias + bias}
	}
	for _, k := range m.KnownAnswers {
		for label, p := range k.Scores {
			k.Scores[label] = biased(p, bias)
		}
	}
	for _, c := range change {
		c(&m)
	}
	put(t, dir, g.File, graph)
	put(t, dir, m.Tokenizer.Vocab, vocab)
	manifest, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, model.ManifestName, manifest)
	return g.Digest()
}

// bundledFiles returns what a variant is made of, its own to change.
func bundledFiles(t *testing.T) (m model.Manifest, graph, vocab []byte) {
	t.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(bundledDir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	m, err := model.Parse(read(model.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	return m, read(m.Graphs[0].File), read(m.Tokenizer.Vocab)
}

// put exchanges a file as careful people do, at once.
func put(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// biased is what a probability becomes when bias is added to its logit.
func biased(p, bias float64) float64 {
	p = min(max(p, 1e-9), 1-1e-9)
	return 1 / (1 + math.Exp(-math.Log(p/(1-p))-bias))
}

// serveDir runs `portcullis serve` on a model folder until the test ends, which
// fails if the service does not end well.
func serveDir(t *testing.T, dir string, args ...string) (pb.ValidationServiceClient, func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	grpc, second := freePort(), freePort()
	var log bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		command := []string{"serve", "--model", dir, "--listen", grpc, "--metrics-listen", second, "--set", "server.log_requests=false"}
		ended <- run(ctx, append(command, args...), stdio{out: io.Discard, err: &log})
	}()
	conn, err := dial(grpc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		cancel()
		if code := <-ended; code != exitOK {
			t.Errorf("exit %d", code)
		}
		if t.Failed() {
			t.Log(log.String())
		}
	})
	page := func(path string) string {
		reply, err := http.Get("http://" + second + path)
		if err != nil {
			return err.Error()
		}
		defer reply.Body.Close()
		body, _ := io.ReadAll(reply.Body)
		return string(body)
	}
	eventually(t, "serving", func() bool { return len(ended) > 0 || page("/readyz") == "serving\n" })
	return pb.NewValidationServiceClient(conn), func() string { return page("/metrics") }
}

// TestAModelIsExchanged runs the whole service with real models: a changed folder,
// then SIGHUP, exchange the model under load, and no text fails or is judged by half
// of each; models that are broken in any way are refused, and the last one stays.
func TestAModelIsExchanged(t *testing.T) {
	const text = "You are an idiot."
	dir := t.TempDir()
	biases := sync.Map{}
	biases.Store(variant(t, dir, 0), 0.0)
	client, metrics := serveDir(t, dir, "--set", "trust.watch_every=1s")
	first, err := client.Validate(t.Context(), &pb.ValidateRequest{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	base := first.GetScores()[0].GetScore()
	w := &witness{score: func(digest string) float64 {
		bias, _ := biases.Load(digest)
		b, ok := bias.(float64)
		if !ok {
			return math.NaN()
		}
		return biased(base, b)
	}}
	digest := func() string {
		info, err := client.GetServerInfo(t.Context(), &pb.GetServerInfoRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return info.GetModels()[0].GetDigest()
	}
	stop := w.load(client, text)

	for n, bias := range []float64{0.5, 0.25} {
		want := variant(t, filepath.Join(dir), bias)
		biases.Store(want, bias)
		if n == 1 {
			hangUp(t)
		}
		eventually(t, "the new model", func() bool { return digest() == want })
	}
	good := digest()
	refusedBefore := 0
	for name, change := range map[string]func(){
		"broken manifest": func() { put(t, dir, model.ManifestName, []byte(`{"format": 1}`)) },
		"wrong digest":    func() { variant(t, dir, 1, func(m *model.Manifest) { m.Graphs[0].SHA256 = strings.Repeat("0", 64) }) },
		"wrong answers":   func() { variant(t, dir, 1, func(m *model.Manifest) { m.Labels[0].Calibration.Bias -= 30 }) },
	} {
		change()
		refusedBefore++
		hangUp(t)
		eventually(t, name+" is refused", func() bool { return refused(metrics()) >= refusedBefore })
		refusedBefore = refused(metrics())
		if digest() != good || !strings.Contains(metrics(), "portcullis_reload_last_successful 0\n") {
			t.Errorf("%s: %s is served", name, digest())
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(metrics(), `digest="`+good+`"`) {
		t.Error("the metrics name another model than is served")
	}
	biases.Range(func(digest, _ any) bool {
		if _, ok := w.seen.Load(digest); !ok {
			t.Errorf("%s judged nothing", digest)
		}
		return true
	})
}

func hangUp(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// refused is how many reloads were.
func refused(page string) int {
	const name = `portcullis_reloads_total{result="refused"} `
	_, rest, _ := strings.Cut(page, name)
	n := 0
	for _, c := range strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]) {
		n = 10*n + int(c-'0')
	}
	return n
}
