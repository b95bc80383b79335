package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/portcullis-ai/portcullis/internal/secret"
)

const (
	fetchTime = 10 * time.Second // for both documents
	maxFetch  = 1 << 20          // bytes of one
)

// fetch asks an issuer where its keys are, and for them. Nothing of it is kept: the
// next one reads the authorities anew and goes by the address of that day.
func fetch(ctx context.Context, i Issuer) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	client, err := clientFor(i)
	if err != nil {
		return nil, err
	}
	data, err := download(ctx, client, strings.TrimSuffix(i.Issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	var about struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(data, &about); err != nil {
		return nil, errors.New("the issuer's description is no JSON")
	}
	if about.Issuer != i.Issuer {
		return nil, fmt.Errorf("the issuer calls itself %q", about.Issuer)
	}
	if data, err = download(ctx, client, about.Keys); err != nil {
		return nil, err
	}
	return parseKeySet(data)
}

func clientFor(i Issuer) (*http.Client, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if i.CA != "" {
		data, err := secret.ReadTrusted(i.CA)
		if err != nil {
			return nil, err
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%s holds no certificate", i.CA)
		}
	}
	return &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: cfg, DisableKeepAlives: true, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the configured address is the one that is trusted
		},
	}, nil
}

// download reads a document. Only https is followed, wherever the address came from.
func download(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	if err := validateAddress(address); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	reply, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close() //nolint:errcheck // it was only read
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, reply.Status)
	}
	data, err := io.ReadAll(io.LimitReader(reply.Body, maxFetch+1))
	if err == nil && len(data) > maxFetch {
		err = fmt.Errorf("%s is longer than 1 MiB", address)
	}
	return data, err
}

func validateAddress(address string) error {
	if !strings.HasPrefix(address, "https://") {
		return fmt.Errorf("%q is not https", address)
	}
	return nil
}
