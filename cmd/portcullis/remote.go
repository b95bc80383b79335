package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/portcullis-ai/portcullis/internal/secret"
)

// remote are the flags of every command that calls a running service: how it is known,
// and who calls.
type remote struct {
	TLS        bool       `name:"tls" help:"Speak TLS, and trust the authorities of this system."`
	CA         string     `name:"ca" placeholder:"FILE" help:"Speak TLS, and trust these authorities (PEM)."`
	ServerName string     `placeholder:"NAME" help:"The name that the service's certificate must have, in place of the address."`
	Cert       string     `placeholder:"FILE" help:"Show this certificate (PEM); with --cert-key."`
	CertKey    string     `placeholder:"FILE" help:"The private key of --cert (PEM)."`
	Token      secret.Ref `placeholder:"REF" help:"Send this token or key: file:PATH or env:NAME."`
}

// options are those of a connection. A token is never sent in plain text but to this
// machine, for which plain is true.
func (r remote) options(plain bool) ([]grpc.DialOption, error) {
	creds, err := r.transport()
	if err != nil {
		return nil, err
	}
	opts := []grpc.DialOption{grpc.WithTransportCredentials(creds)}
	if r.Token == "" {
		return opts, nil
	}
	token, err := r.Token.Read()
	if err != nil {
		return nil, fmt.Errorf("--token: %w", err)
	}
	if !r.secure() && !plain {
		return nil, errors.New("--token: it would be sent in plain text; add --tls or --ca FILE")
	}
	return append(opts, grpc.WithPerRPCCredentials(bearer{token, r.secure()})), nil
}

func (r remote) secure() bool { return r.TLS || r.CA != "" || r.Cert != "" }

func (r remote) transport() (credentials.TransportCredentials, error) {
	if !r.secure() {
		return insecure.NewCredentials(), nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS13, ServerName: r.ServerName}
	if r.CA != "" {
		data, err := secret.ReadTrusted(r.CA)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("--ca: %s holds no certificate", r.CA)
		}
	}
	if r.Cert != "" || r.CertKey != "" {
		pair, err := tls.LoadX509KeyPair(r.Cert, r.CertKey)
		if err != nil {
			return nil, fmt.Errorf("--cert and --cert-key: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(cfg), nil
}

// bearer sends a token with every call.
type bearer struct {
	token  secret.Value
	secure bool
}

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.token.Reveal()}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (b bearer) RequireTransportSecurity() bool { return b.secure }
