package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// guarded is a service with TLS that takes certificates, tokens and keys.
type guarded struct {
	dir, addr, metrics string
	servers, clients   *authtest.Authority
	issuer             *authtest.Issuer
}

func serveGuarded(t *testing.T) guarded {
	t.Helper()
	g := guarded{
		dir: t.TempDir(), addr: freePort(), metrics: freePort(), issuer: authtest.NewIssuer(t),
		servers: authtest.NewAuthority(t, "servers"), clients: authtest.NewAuthority(t, "clients"),
	}
	certificate, key := authtest.Write(t, g.dir, g.servers.Server(t))
	authtest.File(t, g.dir, "servers.pem", g.servers.PEM())
	_, secret, _ := command(t, "", "key", "ci", "--file", g.file("keys"))
	authtest.File(t, g.dir, "ci.key", []byte(secret))
	settings := fmt.Sprintf(`
server: {listen: '%s', metrics_listen: '%s'}
auth:
  reload_every: 1s
  tls: {certificate: %s, key: %s}
  certificates:
    client_ca: %s
    roles: {validator: ['spiffe://acme.example/agents/*']}
  tokens:
    - issuer: %s
      ca: %s
      audiences: [portcullis]
      roles: {validator: [callers]}
  keys:
    file: %s
    roles: {validator: [ci]}
`, g.addr, g.metrics, certificate, key, authtest.File(t, g.dir, "clients.pem", g.clients.PEM()), g.issuer.URL, g.issuer.CA, g.file("keys"))
	file := authtest.File(t, g.dir, "portcullis.yaml", []byte(settings))
	var log *bytes.Buffer
	t.Cleanup(func() {
		if strings.Contains(log.String(), strings.TrimSpace(secret)) {
			t.Errorf("the key is in the log:\n%s", log.String())
		}
	})
	log = serveFile(t, file, g.metrics)
	return g
}

// serveFile serves by the settings in file until the test ends, and returns when
// the second port, at metrics, says that it does. The log is whole, and may be read, once
// it has ended.
func serveFile(t *testing.T, file, metrics string) *bytes.Buffer {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := &bytes.Buffer{}
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"serve", "--config", file}, stdio{out: log, err: log}) }()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != exitOK {
			t.Errorf("ended with %d:\n%s", code, log.String())
		}
	})
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		reply, err := http.Get("http://" + metrics + "/readyz")
		if err == nil {
			_ = reply.Body.Close()
			if reply.StatusCode == http.StatusOK {
				return log
			}
		}
		if len(ended) > 0 || time.Now().After(end) {
			t.Fatal("it does not serve")
		}
	}
}

func (g guarded) check(t *testing.T, flags ...string) (code int, errs string) {
	t.Helper()
	code, _, errs = command(t, "", append([]string{"check", "--addr", g.addr, "What is the weather in Rome?"}, flags...)...)
	return code, errs
}

func (g guarded) file(name string) string { return filepath.Join(g.dir, name) }

// The binary with all of it: what an operator writes, and what a caller types.
func TestAGuardedService(t *testing.T) {
	g := serveGuarded(t)
	certificate, key := authtest.Write(t, t.TempDir(), g.clients.Client(t, "spiffe://acme.example/agents/bot"))
	t.Setenv("TOKEN_OF_THE_TEST", g.issuer.Token(nil))
	t.Setenv("OLD_TOKEN_OF_THE_TEST", g.issuer.Token(map[string]any{"exp": 1}))
	ca := "--ca=" + g.file("servers.pem")
	for name, tc := range map[string]struct {
		flags []string
		code  int
		says  string
	}{
		"a certificate":          {[]string{ca, "--cert", certificate, "--cert-key", key}, exitOK, ""},
		"a token":                {[]string{ca, "--token", "env:TOKEN_OF_THE_TEST"}, exitOK, ""},
		"a key":                  {[]string{ca, "--token", "file:" + g.file("ci.key")}, exitOK, ""},
		"nothing":                {[]string{ca}, exitFailure, "Unauthenticated"},
		"an old token":           {[]string{ca, "--token", "env:OLD_TOKEN_OF_THE_TEST"}, exitFailure, "Unauthenticated"},
		"plain text":             {nil, exitFailure, "TLS"},
		"a token on the line":    {[]string{ca, "--token", "pcl_secret"}, exitUsage, "file:PATH"},
		"an authority elsewhere": {[]string{"--tls", "--token", "env:TOKEN_OF_THE_TEST"}, exitFailure, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			code, errs := g.check(t, tc.flags...)
			if code != tc.code || !strings.Contains(errs, tc.says) || strings.Contains(errs, "pcl_secret") {
				t.Errorf("%d: %s", code, errs)
			}
		})
	}
	if code, out, errs := command(t, "", "healthcheck", "--addr", g.addr, ca); code != exitOK {
		t.Errorf("health: %d %s%s", code, out, errs)
	}
	page := g.page(t)
	for _, want := range []string{"portcullis_tls_certificate_expiry_timestamp_seconds 1", `portcullis_auth_files_stale{what="tls"} 0`, "portcullis_auth_keys_fetched_timestamp_seconds{issuer="} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
	t.Run("another key, without a restart", func(t *testing.T) {
		_, secret, _ := command(t, "", "key", "ci", "--file", g.file("keys"))
		later := "file:" + authtest.File(t, g.dir, "later.key", []byte(secret))
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			if code, _ := g.check(t, ca, "--token", later); code == exitOK {
				return
			}
			if time.Now().After(end) {
				t.Fatal("it was never taken")
			}
		}
	})
}

func (g guarded) page(t *testing.T) string {
	t.Helper()
	reply, err := http.Get("http://" + g.metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var page bytes.Buffer
	if _, err := page.ReadFrom(reply.Body); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// What is not safe does not start, and says what to do; nothing is loaded first.
func TestServeRefusesWhatIsNotSafe(t *testing.T) {
	dir, ca := t.TempDir(), authtest.NewAuthority(t, "servers")
	certificate, key := authtest.Write(t, dir, ca.Server(t))
	if err := os.Chmod(key, 0o644); err != nil { // which is what is refused
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"plain text for all":  {[]string{"--listen", "0.0.0.0:0"}, "auth.allow_plain_text"},
		"TLS for anybody":     {[]string{"--listen", "0.0.0.0:0", "--set", "auth.tls.certificate=" + certificate, "--set", "auth.tls.key=" + key}, "auth.allow_anonymous"},
		"an open key":         {[]string{"--set", "auth.tls.certificate=" + certificate, "--set", "auth.tls.key=" + key}, "chmod"},
		"roles on the line":   {[]string{"--set", "auth.keys.roles=validator"}, "only be set in the file"},
		"an unknown setting":  {[]string{"--set", "auth.keys.key=pcl_secret"}, "auth.keys.key"},
		"nobody could come":   {[]string{"--set", "auth.keys.file=" + key}, "auth.keys.roles"},
		"a connection's life": {[]string{"--set", "server.connections.max_age_grace=1s"}, "server.connections.max_age_grace"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, errs := command(t, "", append([]string{"serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"}, tc.args...)...)
			if code != exitFailure || !strings.Contains(errs, tc.says) || strings.Contains(errs, "pcl_secret") || strings.Contains(errs, "ONNX") {
				t.Errorf("%d: %s", code, errs)
			}
		})
	}
}

func TestTokensAreNotSentInPlainText(t *testing.T) {
	t.Setenv("TOKEN_OF_THE_TEST", "secret")
	code, _, errs := command(t, "", "check", "--addr", "192.0.2.1:50051", "--token", "env:TOKEN_OF_THE_TEST", "hello")
	if code != exitFailure || !strings.Contains(errs, "--tls") {
		t.Errorf("%d: %s", code, errs)
	}
}
