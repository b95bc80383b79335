package auth

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/portcullis-ai/portcullis/internal/secret"
)

// Certificates says which certificates of clients are taken, and what they are worth.
type Certificates struct {
	// ClientCA is a PEM file of authorities; empty: no certificates are asked for.
	ClientCA string `yaml:"client_ca"`
	// Revoked is a PEM file with a list of revoked certificates (CRL) of each of the
	// authorities in ClientCA; empty: none are looked up. When a list is overdue no
	// certificate of its authority is taken.
	Revoked string `yaml:"revoked"`
	// Required ends the handshake of clients without one. Otherwise they can ask for
	// health, or bring a token or key.
	Required bool `yaml:"required"`
	// Roles gives roles to SPIFFE ids, and to names such as x509:CN=bot,O=Acme.
	Roles Grants `yaml:"roles"`
}

func (c Certificates) validate(server TLS) error {
	switch {
	case c.ClientCA == "" && (c.Required || len(c.Roles) > 0 || c.Revoked != ""):
		return fmt.Errorf("client_ca: certificates.required, certificates.roles and certificates.revoked mean nothing without it; name a file of authorities")
	case c.ClientCA == "":
		return nil
	case server.Certificate == "":
		return fmt.Errorf("client_ca: clients show certificates only to a server that has one; set tls.certificate and tls.key")
	}
	return c.Roles.validate()
}

// clients vouches for callers by their certificates.
type clients struct {
	cfg         Certificates
	authorities *reloaded[authorities]
	now         func() time.Time
}

// authorities are whose certificates are taken, and which of these are not any more.
type authorities struct {
	pool  *x509.CertPool
	raw   map[string]bool // DER
	lists revocations
}

func newClients(cfg Certificates) *clients {
	return &clients{cfg: cfg, now: time.Now, authorities: &reloaded[authorities]{
		what:  "certificates.client_ca",
		read:  cfg.read,
		parse: cfg.parse,
	}}
}

func (c Certificates) read() ([][]byte, error) {
	data, err := secret.ReadTrusted(c.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("certificates.client_ca: %w", err)
	}
	if c.Revoked == "" {
		return [][]byte{data}, nil
	}
	lists, err := secret.ReadTrusted(c.Revoked)
	if err != nil {
		return nil, fmt.Errorf("certificates.revoked: %w", err)
	}
	return [][]byte{data, lists}, nil
}

func (c Certificates) parse(files [][]byte) (authorities, error) {
	all, err := parseAuthorities(files[0])
	if err != nil {
		return authorities{}, fmt.Errorf("certificates.client_ca: %s %w", c.ClientCA, err)
	}
	var lists revocations
	if len(files) > 1 {
		if lists, err = parseRevocations(files[1], all); err != nil {
			return authorities{}, fmt.Errorf("certificates.revoked: %s %w", c.Revoked, err)
		}
	}
	return trust(all, lists), nil
}

// parseAuthorities takes a file only if all of it can be used: one that is skipped
// would be missed much later.
func parseAuthorities(data []byte) (all []*x509.Certificate, err error) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil || block.Type != "CERTIFICATE":
			return nil, fmt.Errorf("holds something that is no certificate")
		case !certificate.IsCA || !certificate.BasicConstraintsValid:
			return nil, fmt.Errorf("holds %q, which is no authority: it cannot vouch for clients", certificate.Subject)
		}
		all = append(all, certificate)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("holds no certificate: nobody could be vouched for")
	}
	return all, nil
}

// trust leaves out an authority that another has revoked, though it stands in the file.
func trust(all []*x509.Certificate, lists revocations) authorities {
	a := authorities{pool: x509.NewCertPool(), raw: make(map[string]bool), lists: lists}
	for _, certificate := range all {
		if !lists.revoked(certificate, all) {
			a.pool.AddCert(certificate)
			a.raw[string(certificate.Raw)] = true
		}
	}
	return a
}

// ask returns base with the authorities of this moment.
func (c *clients) ask(base *tls.Config) *tls.Config {
	cfg := base.Clone()
	cfg.GetConfigForClient = nil
	cfg.ClientCAs = c.authorities.get().pool
	cfg.ClientAuth = tls.VerifyClientCertIfGiven
	if c.cfg.Required {
		cfg.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return cfg
}

// identify names the client of a connection. The handshake has verified the chain; a
// connection outlives that, so what may have changed since is asked at every call.
func (c *clients) identify(state *tls.ConnectionState) (Principal, error) {
	if state == nil || len(state.VerifiedChains) == 0 {
		return Principal{}, unknown(NoCredentials)
	}
	expires, err := c.stillGood(state.VerifiedChains)
	if err != nil {
		return Principal{}, err
	}
	name, err := nameOf(state.VerifiedChains[0][0])
	if err != nil {
		return Principal{}, err
	}
	return Principal{Name: name, Expires: expires, roles: c.cfg.Roles.of(name)}, nil
}

// stillGood wants one chain to an authority that is trusted now, none of it expired or
// revoked.
func (c *clients) stillGood(chains [][]*x509.Certificate) (expires time.Time, err error) {
	now, trusted := c.now(), c.authorities.get()
	err = unknown(UntrustedAuthority)
	for _, chain := range chains {
		if !trusted.raw[string(chain[len(chain)-1].Raw)] {
			continue
		}
		if expires = endOf(chain); !now.Before(expires) {
			err = unknown(Expired)
		} else if err = trusted.lists.check(chain, now); err == nil {
			return expires, nil
		}
	}
	return time.Time{}, err
}

func endOf(chain []*x509.Certificate) time.Time {
	end := chain[0].NotAfter
	for _, c := range chain[1:] {
		if c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	return end
}
