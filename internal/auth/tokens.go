package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// maxToken is how long a token may be, in bytes.
const maxToken = 16 << 10

// skew is how far the clocks of an issuer may be ahead of ours. Nothing is given to a
// token that has expired.
const skew = 10 * time.Second

// tokens vouches for callers by the tokens of issuers.
type tokens struct {
	rings      map[string]*keyring // by issuer
	algorithms []jose.SignatureAlgorithm
	now        func() time.Time
}

// claims are what a token says, as far as it matters here.
type claims struct {
	jwt.Claims
	AMR   []string       `json:"amr"`
	ACR   string         `json:"acr"`
	Bound map[string]any `json:"cnf"`
}

// identify names the caller that a token is about. The issuer that it names chooses
// the keys, and only that issuer's.
func (t *tokens) identify(ctx context.Context, text string, connection *tls.ConnectionState) (Principal, error) {
	token, err := t.parse(text)
	if err != nil {
		return Principal{}, err
	}
	ring, err := t.ringOf(token)
	if err != nil {
		return Principal{}, err
	}
	said, all, err := verified(ctx, token, ring)
	if err != nil {
		return Principal{}, err
	}
	if err := t.check(said, ring.cfg, connection); err != nil {
		return Principal{}, err
	}
	return Principal{
		Name: ring.cfg.Issuer + "#" + said.Subject, Expires: said.Expiry.Time(),
		roles: ring.cfg.Roles.of(valuesOf(all, ring.cfg.claim())...), amr: said.AMR, acr: said.ACR,
	}, nil
}

// parse takes a token apart. What no issuer may sign with ends here, "none" included.
func (t *tokens) parse(text string) (*jwt.JSONWebToken, error) {
	if len(text) > maxToken || strings.ContainsFunc(text, notInToken) {
		return nil, unknown(Malformed)
	}
	token, err := jwt.ParseSigned(text, t.algorithms)
	if err != nil || len(token.Headers) != 1 || !takenType(token.Headers[0]) {
		return nil, unknown(Malformed)
	}
	return token, nil
}

// notInToken is for what decoders of base64 pass over, such as line breaks: a token has
// one spelling.
func notInToken(r rune) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	return !strings.ContainsRune(alphabet, r)
}

// takenType refuses what says that it is something else than a token of access, such
// as a logout token of the same issuer.
func takenType(h jose.Header) bool {
	typ, named := h.ExtraHeaders[jose.HeaderType]
	name, _ := typ.(string)
	name = strings.TrimPrefix(strings.ToLower(name), "application/")
	return !named || name == "jwt" || name == "at+jwt"
}

// ringOf believes the token's issuer only as far as choosing whose keys to try.
func (t *tokens) ringOf(token *jwt.JSONWebToken) (*keyring, error) {
	var said struct {
		Issuer string `json:"iss"`
	}
	if err := token.UnsafeClaimsWithoutVerification(&said); err != nil {
		return nil, unknown(Malformed)
	}
	ring, ok := t.rings[said.Issuer]
	if !ok || !slices.Contains(ring.cfg.algorithms(), jose.SignatureAlgorithm(token.Headers[0].Algorithm)) {
		return nil, unknown(UnknownIssuer)
	}
	return ring, nil
}

// verified returns what the token says once a key of the issuer has been found to have
// signed it. Keys that the token brings along are not looked at.
func verified(ctx context.Context, token *jwt.JSONWebToken, ring *keyring) (said claims, all map[string]any, err error) {
	h := token.Headers[0]
	keys, ok := ring.find(ctx, h.KeyID, jose.SignatureAlgorithm(h.Algorithm))
	if !ok {
		return claims{}, nil, &refusal{ErrUnavailable, KeysUnavailable}
	}
	err = unknown(UnknownKey)
	for _, k := range keys {
		switch wrong := token.Claims(k.Key, &said, &all); {
		case wrong == nil:
			return said, all, nil
		case !errors.Is(wrong, jose.ErrCryptoFailure):
			return claims{}, nil, unknown(Malformed)
		}
		err = unknown(BadSignature)
	}
	return claims{}, nil, err
}

// check wants the token to be for this service, of now, and of this connection.
func (t *tokens) check(said claims, cfg Issuer, connection *tls.ConnectionState) error {
	now := t.now()
	switch {
	case said.Issuer != cfg.Issuer:
		return unknown(UnknownIssuer)
	case !slices.ContainsFunc(cfg.Audiences, said.Audience.Contains):
		return unknown(WrongAudience)
	case said.Expiry == nil || !presentable(said.Subject):
		return unknown(Malformed)
	case !now.Before(said.Expiry.Time()):
		return unknown(Expired)
	case after(said.NotBefore, now.Add(skew)) || after(said.IssuedAt, now.Add(skew)):
		return unknown(NotYetValid)
	case said.Bound != nil && !boundTo(said.Bound, connection):
		return unknown(NotBound)
	}
	return nil
}

func after(d *jwt.NumericDate, t time.Time) bool { return d != nil && d.Time().After(t) }

// boundTo tells whether the connection has the certificate that the token is bound to
// (RFC 8705). A bond of another kind cannot be checked here, so it does not hold.
func boundTo(bond map[string]any, connection *tls.ConnectionState) bool {
	want, ok := bond["x5t#S256"].(string)
	if !ok || len(bond) != 1 || connection == nil || len(connection.PeerCertificates) == 0 {
		return false
	}
	sum := sha256.Sum256(connection.PeerCertificates[0].Raw)
	return subtle.ConstantTimeCompare([]byte(want), []byte(base64.RawURLEncoding.EncodeToString(sum[:]))) == 1
}
