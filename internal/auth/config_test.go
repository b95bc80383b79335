package auth_test

import (
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// What looks safe and is not does not start, and says which setting and what to do.
func TestConfigurationsThatAreRefused(t *testing.T) {
	dir, ca := t.TempDir(), authtest.NewAuthority(t, "clients")
	crt, key := authtest.Write(t, dir, ca.Server(t))
	otherCrt, _ := authtest.Write(t, t.TempDir(), ca.Server(t))
	authority := authtest.File(t, dir, "ca.pem", ca.PEM())
	file := func(name, content string, mode os.FileMode) string {
		path := authtest.File(t, dir, name, []byte(content))
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keyPEM, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	const spelt = "pcl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	_, line := newKey(t, "ci")
	everyone := auth.Grants{auth.Validator: {"*"}}
	tls := func(cfg *auth.Config) { cfg.TLS = auth.TLS{Certificate: crt, Key: key} }
	clients := func(file string) func(*auth.Config) {
		return func(cfg *auth.Config) {
			tls(cfg)
			cfg.Certificates = auth.Certificates{ClientCA: file, Roles: everyone}
		}
	}
	issuer := func(change func(*auth.Issuer)) func(*auth.Config) {
		return func(cfg *auth.Config) {
			i := auth.Issuer{Issuer: "https://login.example", Audiences: []string{"portcullis"}, Roles: everyone}
			change(&i)
			cfg.Tokens = []auth.Issuer{i}
		}
	}
	keys := func(file string) func(*auth.Config) {
		return func(cfg *auth.Config) { cfg.Keys = auth.Keys{File: file, Roles: everyone} }
	}
	grants := func(g auth.Grants) func(*auth.Config) { return issuer(func(i *auth.Issuer) { i.Roles = g }) }
	for name, tc := range map[string]struct {
		change func(*auth.Config)
		want   []string
	}{
		"no audience":               {issuer(func(i *auth.Issuer) { i.Audiences = nil }), []string{"auth.tokens[0].audiences", "any other service"}},
		"an empty audience":         {issuer(func(i *auth.Issuer) { i.Audiences = []string{""} }), []string{"audiences"}},
		"an issuer over http":       {issuer(func(i *auth.Issuer) { i.Issuer = "http://login.example" }), []string{"tokens[0].issuer", "not https"}},
		"no issuer":                 {issuer(func(i *auth.Issuer) { i.Issuer = "" }), []string{"issuer", "https://login.example"}},
		"an issuer with a query":    {issuer(func(i *auth.Issuer) { i.Issuer = "https://login.example?a" }), []string{"issuer", "query"}},
		"a password in an issuer":   {issuer(func(i *auth.Issuer) { i.Issuer = "https://me:canary@login.example" }), []string{"issuer", "user"}},
		"the algorithm none":        {issuer(func(i *auth.Issuer) { i.Algorithms = []string{"none"} }), []string{"algorithms", "none"}},
		"a shared secret":           {issuer(func(i *auth.Issuer) { i.Algorithms = []string{"RS256", "HS256"} }), []string{"algorithms", "HS256"}},
		"keys forgotten too early":  {issuer(func(i *auth.Issuer) { i.KeepKeys = time.Minute }), []string{"keep_keys"}},
		"keys fetched all the time": {issuer(func(i *auth.Issuer) { i.RefreshEvery = time.Millisecond }), []string{"refresh_every"}},
		"an issuer twice": {func(cfg *auth.Config) {
			issuer(func(*auth.Issuer) {})(cfg)
			cfg.Tokens = append(cfg.Tokens, cfg.Tokens[0])
		}, []string{"tokens[1].issuer", "twice"}},
		"nobody has a role":            {grants(nil), []string{"tokens[0].roles", "nobody"}},
		"an unknown role":              {grants(auth.Grants{"operator": {"*"}}), []string{"roles", "operator", "validator"}},
		"a role for nobody":            {grants(auth.Grants{auth.Admin: nil}), []string{"roles.admin", "nobody"}},
		"a role for the empty name":    {grants(auth.Grants{auth.Admin: {""}}), []string{"roles.admin", "empty"}},
		"a star that matches too much": {grants(auth.Grants{auth.Admin: {"spiffe://acme.example*"}}), []string{"roles.admin", "acme.example*"}},
		"a star in the middle":         {grants(auth.Grants{auth.Admin: {"a/*/b"}}), []string{"roles.admin"}},
		"an unknown role of a method": {
			func(cfg *auth.Config) { cfg.Methods[validate] = auth.Rule{Roles: []auth.Role{"root"}} },
			[]string{"methods./portcullis.v1.ValidationService/Validate.roles", "root"},
		},
		"a method for nobody":      {func(cfg *auth.Config) { cfg.Methods[validate] = auth.Rule{} }, []string{"methods", "nobody"}},
		"a factor nothing shows":   {func(cfg *auth.Config) { wantFactor(cfg); issuer(func(*auth.Issuer) {})(cfg) }, []string{"second_factor", "amr"}},
		"a factor nobody can show": {func(cfg *auth.Config) { wantFactor(cfg); cfg.SecondFactor.AMR = []string{"mfa"} }, []string{"second_factor", "tokens"}},
		"an empty factor":          {func(cfg *auth.Config) { wantFactor(cfg); cfg.SecondFactor.ACR = []string{""} }, []string{"second_factor", "empty"}},
		"files all the time":       {func(cfg *auth.Config) { cfg.ReloadEvery = time.Millisecond }, []string{"reload_every"}},

		"a certificate without its key": {func(cfg *auth.Config) { cfg.TLS.Certificate = crt }, []string{"auth.tls.key"}},
		"a key without its certificate": {func(cfg *auth.Config) { cfg.TLS.Key = key }, []string{"auth.tls.certificate"}},
		"the key of another":            {func(cfg *auth.Config) { cfg.TLS = auth.TLS{Certificate: otherCrt, Key: key} }, []string{"auth.tls", "match"}},
		"a key that everyone may read": {func(cfg *auth.Config) {
			cfg.TLS = auth.TLS{Certificate: crt, Key: file("open.key", string(keyPEM), 0o644)}
		}, []string{"auth.tls.key", "open.key", "chmod"}},
		"an expired certificate": {func(cfg *auth.Config) { expired(t, ca, cfg) }, []string{"auth.tls.certificate", "expired"}},
		"no such file":           {func(cfg *auth.Config) { cfg.TLS = auth.TLS{Certificate: "/no/such", Key: key} }, []string{"auth.tls.certificate", "/no/such"}},

		"an empty client CA":           {clients(file("empty.pem", "", 0o600)), []string{"auth.certificates.client_ca", "empty.pem", "no certificate"}},
		"a client CA that is a key":    {clients(file("key.pem", string(keyPEM), 0o600)), []string{"client_ca", "no certificate"}},
		"a client CA that is a leaf":   {clients(crt), []string{"client_ca", "no authority"}},
		"a client CA anyone may write": {clients(file("open.pem", string(ca.PEM()), 0o666)), []string{"client_ca", "chmod"}},
		"roles without a client CA":    {func(cfg *auth.Config) { tls(cfg); cfg.Certificates.Roles = everyone }, []string{"certificates.client_ca"}},
		"required without a client CA": {func(cfg *auth.Config) { tls(cfg); cfg.Certificates.Required = true }, []string{"certificates.client_ca"}},
		"a client CA without TLS": {func(cfg *auth.Config) {
			cfg.Certificates = auth.Certificates{ClientCA: authority, Roles: everyone}
		}, []string{"certificates.client_ca", "tls.certificate"}},

		"an empty file of keys":        {keys(file("none", "# nothing\n", 0o600)), []string{"auth.keys.file", "0 keys"}},
		"a key itself in the file":     {keys(file("spelt", "ci "+spelt, 0o600)), []string{"keys.file", "line 1"}},
		"a digest that is too short":   {keys(file("short", "ci sha256:abcd", 0o600)), []string{"keys.file", "line 1"}},
		"a key twice":                  {keys(file("twice", line+"\n"+strings.Replace(line, "ci", "ops", 1), 0o600)), []string{"keys.file", "line 2"}},
		"keys that everyone may read":  {keys(file("open", line, 0o604)), []string{"keys.file", "chmod"}},
		"roles without a file of keys": {func(cfg *auth.Config) { cfg.Keys.Roles = everyone }, []string{"keys.file"}},
		"a folder of keys":             {keys(filepath.Dir(crt)), []string{"keys.file"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := auth.DefaultConfig()
			tc.change(&cfg)
			_, err := auth.New(cfg, slog.New(slog.DiscardHandler))
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not name %q", err, want)
				}
			}
			if strings.Contains(err.Error(), spelt) || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "PRIVATE") {
				t.Errorf("tells a secret: %v", err)
			}
		})
	}
}

func wantFactor(cfg *auth.Config) {
	cfg.Methods[validate] = auth.Rule{Roles: []auth.Role{auth.Validator}, SecondFactor: true}
}

func TestWhereTheServiceMayListen(t *testing.T) {
	none := func(*auth.Config) {}
	tls := func(cfg *auth.Config) { cfg.TLS.Certificate = "c" }
	keys := func(cfg *auth.Config) { cfg.Keys.File = "k" }
	plain := func(cfg *auth.Config) { cfg.AllowPlainText = true }
	anonymous := func(cfg *auth.Config) { cfg.AllowAnonymous = true }
	for _, tc := range []struct {
		listen  string
		changes []func(*auth.Config)
		refused string
	}{
		{"127.0.0.1:1", []func(*auth.Config){none}, ""},
		{"127.8.8.8:1", nil, ""},
		{"[::1]:1", nil, ""},
		{"localhost:1", nil, ""},
		{"0.0.0.0:1", nil, "allow_plain_text"},
		{":1", nil, "allow_plain_text"},
		{"[::]:1", nil, "allow_plain_text"},
		{"localhost.evil.example:1", nil, "allow_plain_text"},
		{"10.0.0.1:1", []func(*auth.Config){keys}, "allow_plain_text"},
		{"10.0.0.1:1", []func(*auth.Config){tls}, "allow_anonymous"},
		{"10.0.0.1:1", []func(*auth.Config){plain}, "allow_anonymous"},
		{"10.0.0.1:1", []func(*auth.Config){anonymous}, "allow_plain_text"},
		{"10.0.0.1:1", []func(*auth.Config){plain, anonymous}, ""},
		{"10.0.0.1:1", []func(*auth.Config){tls, keys}, ""},
		{"10.0.0.1:1", []func(*auth.Config){plain, keys}, ""},
	} {
		cfg := auth.DefaultConfig()
		for _, change := range tc.changes {
			change(&cfg)
		}
		err := cfg.Exposed(tc.listen)
		if err == nil && tc.refused != "" || err != nil && (tc.refused == "" || !strings.HasPrefix(err.Error(), tc.refused)) {
			t.Errorf("%s %+v: %v, want %q", tc.listen, cfg, err, tc.refused)
		}
	}
}

func expired(t *testing.T, ca *authtest.Authority, cfg *auth.Config) {
	t.Helper()
	old := ca.Issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	cfg.TLS.Certificate, cfg.TLS.Key = authtest.Write(t, t.TempDir(), old)
}
