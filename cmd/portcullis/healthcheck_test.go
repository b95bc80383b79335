package main

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// A service that ends every handshake without a client certificate is asked by its own
// image, which has none.
func TestHealthcheckOfAServiceWithTLS(t *testing.T) {
	dir, addr, metrics := t.TempDir(), freePort(), freePort()
	servers, clients := authtest.NewAuthority(t, "servers"), authtest.NewAuthority(t, "clients")
	certificate, key := authtest.Write(t, dir, servers.Server(t))
	bot, botKey := authtest.Write(t, t.TempDir(), clients.Client(t, "spiffe://acme.example/bot"))
	ca := authtest.File(t, dir, "servers.pem", servers.PEM())
	file := authtest.File(t, dir, "portcullis.yaml", fmt.Appendf(nil, `
server: {listen: '%s', metrics_listen: '%s'}
auth:
  tls: {certificate: %s, key: %s}
  certificates: {client_ca: %s, required: true, roles: {validator: ['*']}}
`, addr, metrics, certificate, key, authtest.File(t, dir, "clients.pem", clients.PEM())))

	t.Setenv("PORTCULLIS_CONFIG", file) // as in an image
	serveFile(t, file, metrics)
	for name, tc := range map[string]struct {
		flags []string
		code  int
		says  string
	}{
		"as the image asks":      {nil, exitOK, "SERVING\n"},
		"by gRPC":                {[]string{"--ca", ca, "--cert", bot, "--cert-key", botKey}, exitOK, "SERVING\n"},
		"by gRPC, elsewhere":     {[]string{"--addr", addr, "--ca", ca, "--cert", bot, "--cert-key", botKey}, exitOK, "SERVING\n"},
		"without a certificate":  {[]string{"--ca", ca}, exitFailure, addr},
		"in plain text":          {[]string{"--addr", addr}, exitFailure, addr},
		"one service of it":      {[]string{"--service", "portcullis.v1.ValidationService"}, exitFailure, "--ca"},
		"settings that are none": {[]string{"--config", dir + "/none.yaml"}, exitFailure, "none.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := command(t, "", append([]string{"healthcheck", "--timeout", "30s"}, tc.flags...)...)
			if code != tc.code || !strings.Contains(out+errs, tc.says) {
				t.Errorf("exit %d: %s%s", code, out, errs)
			}
		})
	}
}

// What serves nothing yet, or no more, is not healthy, though it answers.
func TestHealthcheckWhileModelsAreLoaded(t *testing.T) {
	listener, err := net.Listen("tcp", freePort())
	if err != nil {
		t.Fatal(err)
	}
	port := serveHTTP(listener)
	t.Setenv("PORTCULLIS_SERVER_METRICS_LISTEN", port.addr)
	t.Setenv("PORTCULLIS_AUTH_TLS_CERTIFICATE", "tls.crt")
	t.Setenv("PORTCULLIS_AUTH_TLS_KEY", "tls.key")
	if code, out, errs := command(t, "", "healthcheck", "--timeout", "30s"); code != exitFailure || out != "NOT_SERVING\n" {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if err := port.shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := command(t, "", "healthcheck", "--timeout", "30s"); code != exitFailure || !strings.Contains(errs, port.addr) {
		t.Errorf("nobody there: exit %d: %s%s", code, out, errs)
	}
}

func TestAServiceIsFoundWhereItListens(t *testing.T) {
	for listen, want := range map[string]string{
		"0.0.0.0:50051":   "127.0.0.1:50051",
		":50051":          "127.0.0.1:50051",
		"[::]:50051":      "[::1]:50051",
		"10.1.2.3:50051":  "10.1.2.3:50051",
		"[fe80::1]:50051": "[fe80::1]:50051",
		"localhost:50051": "localhost:50051",
	} {
		if got := onThisMachine(listen); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}
