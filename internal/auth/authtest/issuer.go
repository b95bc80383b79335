package authtest

import (
	"crypto"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Issuer is an OpenID Connect issuer on loopback, over TLS.
type Issuer struct {
	URL, CA string // CA is a file
	// Hits counts how often its keys were asked for.
	Hits atomic.Int64

	t     testing.TB
	mu    sync.Mutex
	keys  []jose.JSONWebKey // private
	reply http.HandlerFunc  // in place of the keys
}

// Audience is that of its tokens.
const Audience = "portcullis"

// NewIssuer starts an issuer with one key, called "first". It ends with the test.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t}
	mux := http.NewServeMux()
	server := httptest.NewUnstartedServer(mux)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // clients that leave
	server.StartTLS()
	t.Cleanup(server.Close)
	i.URL = server.URL
	i.CA = File(t, t.TempDir(), "issuer.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	})
	mux.HandleFunc("GET /keys", i.serveKeys)
	i.Rotate("first")
	return i
}

func (i *Issuer) serveKeys(w http.ResponseWriter, r *http.Request) {
	i.Hits.Add(1)
	i.mu.Lock()
	reply, public := i.reply, jose.JSONWebKeySet{}
	for _, k := range i.keys {
		public.Keys = append(public.Keys, k.Public())
	}
	i.mu.Unlock()
	if reply != nil {
		reply(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(public) //nolint:errchkjson // a client that has left
}

// Answer has it answer to those who ask for keys with h; nil: with its keys again.
func (i *Issuer) Answer(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reply = h
}

// Rotate gives it a new key in place of those that it had.
func (i *Issuer) Rotate(kid string) {
	i.t.Helper()
	i.Use(jose.JSONWebKey{Key: newKey(i.t), KeyID: kid, Algorithm: string(jose.ES256), Use: "sig"})
}

// Use gives it these private keys. Tokens are signed with the first.
func (i *Issuer) Use(keys ...jose.JSONWebKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = keys
}

// Key is the private key that it signs with.
func (i *Issuer) Key() jose.JSONWebKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[0]
}

// Public is that key's other half.
func (i *Issuer) Public() crypto.PublicKey {
	k := i.Key()
	return k.Public().Key
}

// Claims are those of a good token for "alice", as changed by change. nil removes one.
func (i *Issuer) Claims(change map[string]any) map[string]any {
	claims := map[string]any{
		"iss": i.URL, "aud": Audience, "sub": "alice", "roles": []string{"callers"},
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

// Token signs those claims with its key.
func (i *Issuer) Token(change map[string]any) string {
	i.t.Helper()
	k := i.Key()
	return Sign(i.t, k, jose.SignatureAlgorithm(k.Algorithm), i.Claims(change), nil)
}

// Sign makes a token with any key, algorithm, claims and headers.
func Sign(t testing.TB, key any, alg jose.SignatureAlgorithm, claims map[string]any, headers map[jose.HeaderKey]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, &jose.SignerOptions{ExtraHeaders: headers})
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", alg, err))
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
