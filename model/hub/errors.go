package hub

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Errors that callers may want to tell apart.
var (
	// ErrNotPinned: a digest is not known and TrustOnFirstUse is not set.
	ErrNotPinned = errors.New("not pinned")
	// ErrDigest: what came is not what is pinned. It has been deleted.
	ErrDigest = errors.New("wrong digest")
	// ErrTooLarge: the server has more than the file may have.
	ErrTooLarge = errors.New("too large")
	// ErrBusy: another pull works on the same folder.
	ErrBusy = errors.New("another pull works on this folder: wait for it")
)

var (
	errStalled   = errors.New("the connection stalled")
	errDowngrade = errors.New("redirected from https to http")
	errRedirects = errors.New("too many redirects")
)

// temporary marks an error that another try may cure.
type temporary struct {
	error
	wait time.Duration // what the server asked for, 0 if nothing
}

func (t temporary) Unwrap() error { return t.error }

// ofTransport sorts an error of the HTTP client. A cut connection is worth
// another try; a host that does not exist or proves to be another is not. Of the
// address it keeps the host: storage addresses are signed, and whoever has one
// may read.
func ofTransport(err error) error {
	if at := (*url.Error)(nil); errors.As(err, &at) {
		err = fmt.Errorf("%s: %w", hostOf(at.URL), at.Err)
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errDowngrade), errors.Is(err, errRedirects), errors.As(err, &cert):
		return err
	case errors.As(err, &dns) && dns.IsNotFound:
		return err
	}
	return temporary{error: err}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "the server"
	}
	return u.Host
}

// ofStatus sorts a reply that is no file.
func ofStatus(resp *http.Response, token bool) error {
	err := fmt.Errorf("%s answers %s", resp.Request.URL.Host, resp.Status)
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized && !token:
		return fmt.Errorf("%w: set HF_TOKEN if the repository needs one", err)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return fmt.Errorf("%w: the token (HF_TOKEN) may not read it, or its terms are not accepted yet", err)
	case code == http.StatusNotFound:
		return fmt.Errorf("%w: there is no such repository, revision or file", err)
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return temporary{error: err, wait: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	}
	return err
}
