package auth

import (
	"crypto/tls"
	"fmt"
	"time"

	"github.com/portcullis-ai/portcullis/internal/secret"
)

// TLS is how the server proves who it is. Without it the service speaks plain text.
type TLS struct {
	// Certificate is a PEM file: the server's, and those between it and its authority.
	Certificate string `yaml:"certificate"`
	// Key is the PEM file with the certificate's private key.
	Key string `yaml:"key"`
}

func (c TLS) validate() error {
	switch {
	case c.Certificate != "" && c.Key == "":
		return fmt.Errorf("key: name the file with the private key of %s", c.Certificate)
	case c.Certificate == "" && c.Key != "":
		return fmt.Errorf("certificate: name the file with the certificate of %s", c.Key)
	}
	return nil
}

// serverCertificate watches the pair of files.
func serverCertificate(c TLS) *reloaded[tls.Certificate] {
	return &reloaded[tls.Certificate]{
		what: "tls",
		read: func() ([][]byte, error) {
			certificate, err := secret.ReadTrusted(c.Certificate)
			if err != nil {
				return nil, fmt.Errorf("tls.certificate: %w", err)
			}
			key, err := secret.ReadPrivate(c.Key)
			if err != nil {
				return nil, fmt.Errorf("tls.key: %w", err)
			}
			return [][]byte{certificate, key}, nil
		},
		parse: func(files [][]byte) (tls.Certificate, error) {
			pair, err := tls.X509KeyPair(files[0], files[1])
			if err != nil {
				return tls.Certificate{}, fmt.Errorf("tls: %s and %s: %w", c.Certificate, c.Key, err)
			}
			if end := pair.Leaf.NotAfter; time.Now().After(end) {
				return tls.Certificate{}, fmt.Errorf("tls.certificate: %s has expired, on %s: no client would connect", c.Certificate, end.Format(time.DateOnly))
			}
			return pair, nil
		},
	}
}

// TLS returns what a listener needs; nil: plain text. Every handshake takes the
// certificate and the client authorities as they are then. There is no resumption,
// which would carry an old decision over: connections of gRPC are few and long.
func (g *Gate) TLS() *tls.Config {
	if g.certificate == nil {
		return nil
	}
	base := &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{"h2"},
		SessionTicketsDisabled: true,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			pair := g.certificate.get()
			return &pair, nil
		},
	}
	if g.clients != nil {
		base.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return g.clients.ask(base), nil }
	}
	return base
}
