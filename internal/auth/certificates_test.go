package auth_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

const bot = "spiffe://acme.example/ns/agents/sa/bot"

// place is a gate with TLS, the folder of its files and whoever signed them.
type place struct {
	gate            *auth.Gate
	dir             string
	servers, client *authtest.Authority
}

func openTLS(t *testing.T, change ...func(*auth.Config)) place {
	t.Helper()
	p := place{dir: t.TempDir(), servers: authtest.NewAuthority(t, "servers"), client: authtest.NewAuthority(t, "clients")}
	p.gate = open(t, func(cfg *auth.Config) {
		cfg.ReloadEvery = time.Second
		cfg.TLS.Certificate, cfg.TLS.Key = authtest.Write(t, p.dir, p.servers.Server(t))
		cfg.Certificates.ClientCA = authtest.File(t, p.dir, "ca.pem", p.client.PEM())
		cfg.Certificates.Roles = auth.Grants{auth.Validator: {"spiffe://acme.example/ns/agents/*", "x509:CN=client"}}
		for _, c := range change {
			c(cfg)
		}
	})
	return p
}

// shake does a handshake over loopback with what the gate wants. The state is the
// server's.
func (p place) shake(t *testing.T, client *tls.Config) (*tls.ConnectionState, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	type result struct {
		state tls.ConnectionState
		err   error
	}
	ended := make(chan result, 1)
	go func() {
		raw, err := l.Accept()
		if err != nil {
			ended <- result{err: err}
			return
		}
		defer raw.Close()
		conn := tls.Server(raw, p.gate.TLS())
		err = conn.HandshakeContext(ctx)
		ended <- result{conn.ConnectionState(), err}
	}()
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if client.RootCAs == nil {
		client.RootCAs = p.servers.Pool()
	}
	client.ServerName, client.NextProtos = "localhost", []string{"h2"}
	clientErr := tls.Client(raw, client).HandshakeContext(ctx)
	if clientErr != nil {
		_ = raw.Close()
	}
	got := <-ended
	return &got.state, errors.Join(got.err, clientErr)
}

func (p place) with(t *testing.T, c ...tls.Certificate) auth.Credentials {
	t.Helper()
	state, err := p.shake(t, &tls.Config{Certificates: c})
	if err != nil {
		t.Fatal(err)
	}
	return auth.Credentials{TLS: state}
}

func TestCertificatesNameTheirCallers(t *testing.T) {
	p := openTLS(t)
	for name, tc := range map[string]struct {
		certificate tls.Certificate
		want        string
		reason      auth.Reason
	}{
		"a SPIFFE id":              {p.client.Client(t, bot), bot, ""},
		"a subject":                {p.client.Client(t), "x509:CN=client", ""},
		"a subject beside a URI":   {p.client.Client(t, "https://acme.example/bot"), "x509:CN=client", ""},
		"another SPIFFE id":        {p.client.Client(t, "spiffe://acme.example/ns/other/sa/bot"), "spiffe://acme.example/ns/other/sa/bot", auth.NoRole},
		"another trust domain":     {p.client.Client(t, "spiffe://acme.example.evil/ns/agents/sa/bot"), "spiffe://acme.example.evil/ns/agents/sa/bot", auth.NoRole},
		"two SPIFFE ids":           {p.client.Client(t, bot, "spiffe://acme.example/ns/other/sa/bot"), "", auth.NoName},
		"a SPIFFE id and a URI":    {p.client.Client(t, bot, "https://acme.example/"), "", auth.NoName},
		"a trust domain alone":     {p.client.Client(t, "spiffe://acme.example"), "", auth.NoName},
		"steps upwards":            {p.client.Client(t, "spiffe://acme.example/ns/agents/../other"), "", auth.NoName},
		"a SPIFFE id with a query": {p.client.Client(t, bot+"?x"), "", auth.NoName},
		"a SPIFFE id, escaped":     {p.client.Client(t, "spiffe://acme.example/ns/agents/%2e%2e/x"), "", auth.NoName},
		"another spelling":         {p.client.Client(t, "SPIFFE://Acme.example/ns/agents/sa/bot"), "", auth.NoName},
		"nameless":                 {p.client.Issue(t, func(c *x509.Certificate) { c.Subject = pkix.Name{Organization: []string{"Acme"}} }), "", auth.NoName},
		"a name that breaks a log": {p.client.Issue(t, func(c *x509.Certificate) { c.Subject.CommonName = "client\nroot" }), "", auth.NoName},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wantReason(t, p.gate, p.with(t, tc.certificate), tc.reason); got.Name != tc.want {
				t.Errorf("named %q, want %q", got.Name, tc.want)
			}
		})
	}
	wantReason(t, p.gate, p.with(t), auth.NoCredentials)
	wantReason(t, p.gate, auth.Credentials{}, auth.NoCredentials)
}

func TestHandshakesThatFail(t *testing.T) {
	p := openTLS(t)
	other := authtest.NewAuthority(t, "clients") // of the same name
	for name, client := range map[string]*tls.Config{
		"expired": {Certificates: []tls.Certificate{p.client.Issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })}},
		"not yet": {Certificates: []tls.Certificate{p.client.Issue(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })}},
		"a certificate of servers": {Certificates: []tls.Certificate{p.client.Issue(t, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		})}},
		"TLS 1.2": {MaxVersion: tls.VersionTLS12},
		"another authority": {GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			c := other.Client(t, bot) // sent although the server did not name the authority
			return &c, nil
		}},
		"stolen without its key": {GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			stolen, mine := p.client.Client(t, bot), p.client.Client(t)
			stolen.PrivateKey = mine.PrivateKey
			return &stolen, nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := p.shake(t, client); err == nil {
				t.Error("a connection")
			}
		})
	}
	strict := openTLS(t, func(cfg *auth.Config) { cfg.Certificates.Required = true })
	if _, err := strict.shake(t, &tls.Config{}); err == nil {
		t.Error("a connection without the certificate that is required")
	}
	strict.with(t, strict.client.Client(t, bot))
}

// What has changed since the handshake counts, and files are read without a restart.
func TestFilesAreReadAnew(t *testing.T) {
	p := openTLS(t)
	before := p.with(t, p.client.Client(t, bot))
	wantReason(t, p.gate, before, "")

	authtest.File(t, p.dir, "ca.pem", []byte("half a fi")) // is not taken
	eventually(t, func() bool { return p.gate.Stats().Stale["certificates.client_ca"] })
	wantReason(t, p.gate, before, "")

	next := authtest.NewAuthority(t, "next")
	authtest.File(t, p.dir, "ca.pem", next.PEM())
	eventually(t, func() bool {
		_, err := p.gate.Admit(t.Context(), validate, before)
		return auth.ReasonOf(err) == auth.UntrustedAuthority
	})
	if p.gate.Stats().Stale["certificates.client_ca"] {
		t.Error("still said to be stale")
	}
	wantReason(t, p.gate, p.with(t, next.Client(t, bot)), "")

	servers := authtest.NewAuthority(t, "servers 2")
	authtest.Write(t, p.dir, servers.Server(t))
	eventually(t, func() bool {
		_, err := p.shake(t, &tls.Config{RootCAs: servers.Pool()})
		return err == nil
	})
}

// A certificate that is revoked counts no more at the next call, on open connections too.
func TestAListIsReadAnew(t *testing.T) {
	ca := authtest.NewAuthority(t, "revoking")
	dir := t.TempDir()
	p := openTLS(t, func(cfg *auth.Config) {
		cfg.Certificates.ClientCA = authtest.File(t, dir, "ca.pem", ca.PEM())
		cfg.Certificates.Revoked = authtest.File(t, dir, "revoked.pem", ca.Revoke(t, nil))
	})
	stolen := ca.Client(t, bot)
	before, other := p.with(t, stolen), p.with(t, ca.Client(t, bot))
	wantReason(t, p.gate, before, "")
	if p.gate.Stats().ListsEnd.IsZero() {
		t.Error("nobody says when the list is overdue")
	}
	authtest.File(t, dir, "revoked.pem", ca.Revoke(t, nil, stolen.Leaf))
	eventually(t, func() bool {
		_, err := p.gate.Admit(t.Context(), validate, before)
		return auth.ReasonOf(err) == auth.Revoked
	})
	wantReason(t, p.gate, other, "")
	authtest.File(t, dir, "revoked.pem", []byte("half a li")) // is not taken
	eventually(t, func() bool { return p.gate.Stats().Stale["certificates.client_ca"] })
	wantReason(t, p.gate, before, auth.Revoked)
}

// eventually asks until it is true. A test that fails waits long, one that passes does not.
func eventually(t *testing.T, ask func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ask() {
			return
		}
	}
	t.Fatal("it never became true")
}

// Both methods side by side: a header that is not good is not made good by a
// certificate, and a token is worth its own roles only.
func TestTokensBesideCertificates(t *testing.T) {
	i := authtest.NewIssuer(t)
	p := openTLS(t, trusting(i, func(e *auth.Issuer) { e.Roles = auth.Grants{auth.Auditor: {"callers"}} }))
	c := p.with(t, p.client.Client(t, bot))
	wantReason(t, p.gate, c, "")
	c.Authorization = []string{"Bearer " + i.Token(nil)}
	wantReason(t, p.gate, c, auth.NoRole)
	c.Authorization = []string{"Bearer " + i.Token(map[string]any{"exp": 1})}
	wantReason(t, p.gate, c, auth.Expired)
}
