package auth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

func TestAGoodTokenNamesItsCaller(t *testing.T) {
	i := authtest.NewIssuer(t)
	g := open(t, trusting(i))
	p := wantReason(t, g, bearer(i.Token(nil)), "")
	if p.Name != i.URL+"#alice" || !p.Has(auth.Validator) || p.Has(auth.Admin) || time.Until(p.Expires) < 59*time.Minute {
		t.Errorf("%+v", p)
	}
}

func TestWhatATokenSays(t *testing.T) {
	i := authtest.NewIssuer(t)
	g := open(t, trusting(i))
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for name, tc := range map[string]struct {
		claims map[string]any
		want   auth.Reason
	}{
		"several audiences, ours among them": {map[string]any{"aud": []string{"other", authtest.Audience}}, ""},
		"made a moment ago by a clock ahead": {map[string]any{"iat": at(5 * time.Second), "nbf": at(5 * time.Second)}, ""},
		"another issuer":                     {map[string]any{"iss": "https://evil.example"}, auth.UnknownIssuer},
		"an issuer that only begins so":      {map[string]any{"iss": i.URL + "/"}, auth.UnknownIssuer},
		"no issuer":                          {map[string]any{"iss": nil}, auth.UnknownIssuer},
		"another audience":                   {map[string]any{"aud": "other"}, auth.WrongAudience},
		"an audience that only begins so":    {map[string]any{"aud": authtest.Audience + "2"}, auth.WrongAudience},
		"no audience":                        {map[string]any{"aud": nil}, auth.WrongAudience},
		"an audience that is none":           {map[string]any{"aud": 1}, auth.Malformed},
		"expired":                            {map[string]any{"exp": at(-time.Second)}, auth.Expired},
		"without end":                        {map[string]any{"exp": nil}, auth.Malformed},
		"an end that is no number":           {map[string]any{"exp": "tomorrow"}, auth.Malformed},
		"an end beyond all numbers":          {map[string]any{"exp": 1e300}, auth.Malformed},
		"not yet":                            {map[string]any{"nbf": at(time.Minute)}, auth.NotYetValid},
		"not yet, beyond all numbers":        {map[string]any{"nbf": 9.3e18}, auth.Malformed},
		"made in the future":                 {map[string]any{"iat": at(time.Hour)}, auth.NotYetValid},
		"about nobody":                       {map[string]any{"sub": nil}, auth.Malformed},
		"a name that breaks a log":           {map[string]any{"sub": "alice\nroot"}, auth.Malformed},
		"a name without end":                 {map[string]any{"sub": strings.Repeat("a", 3000)}, auth.Malformed},
		"no role":                            {map[string]any{"roles": nil}, auth.NoRole},
		"another role":                       {map[string]any{"roles": []string{"readers"}}, auth.NoRole},
		"a role as one word":                 {map[string]any{"roles": "callers"}, ""},
		"roles of another shape":             {map[string]any{"roles": map[string]any{"callers": true}}, auth.NoRole},
		"bound to a certificate":             {map[string]any{"cnf": map[string]any{"x5t#S256": "AAAA"}}, auth.NotBound},
		"bound to a key that we cannot ask":  {map[string]any{"cnf": map[string]any{"jkt": "AAAA"}}, auth.NotBound},
		"bound to nothing":                   {map[string]any{"cnf": map[string]any{}}, auth.NotBound},
		"factors of another shape":           {map[string]any{"amr": "mfa"}, auth.Malformed},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, g, bearer(i.Token(tc.claims)), tc.want) })
	}
}

func rsaKeys(t *testing.T) (keys []*rsa.PrivateKey) {
	t.Helper()
	for range 3 {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

// Forgeries have the claims of a good token, and something wrong with how they are
// signed.
func TestForgedTokens(t *testing.T) {
	i, other := authtest.NewIssuer(t), authtest.NewIssuer(t)
	keys := rsaKeys(t)
	evil := keys[2]
	for n, k := range keys[:2] {
		[]*authtest.Issuer{i, other}[n].Use(jose.JSONWebKey{Key: k, KeyID: "first", Algorithm: string(jose.RS256)})
	}
	g := open(t, func(cfg *auth.Config) { trusting(i)(cfg); trusting(other)(cfg) })
	good := i.Token(nil)
	parts := strings.Split(good, ".")
	public, err := x509.MarshalPKIXPublicKey(i.Public())
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	under := func(kid string) jose.JSONWebKey { return jose.JSONWebKey{Key: evil, KeyID: kid} }
	sign := func(key any, alg jose.SignatureAlgorithm, headers map[jose.HeaderKey]any) string {
		return authtest.Sign(t, key, alg, i.Claims(nil), headers)
	}
	raw := func(header, claims string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + claims + "."
	}
	for name, tc := range map[string]struct {
		token string
		want  auth.Reason
	}{
		"none":                               {raw(`{"alg":"none","kid":"first"}`, parts[1]), auth.Malformed},
		"None":                               {raw(`{"alg":"None"}`, parts[1]) + parts[2], auth.Malformed},
		"no algorithm":                       {raw(`{"kid":"first"}`, parts[1]) + parts[2], auth.Malformed},
		"algorithm twice":                    {raw(`{"alg":"RS256","alg":"none","kid":"first"}`, parts[1]) + parts[2], auth.Malformed},
		"HS256 with the public key":          {sign(jose.JSONWebKey{Key: publicPEM, KeyID: "first"}, jose.HS256, nil), auth.Malformed},
		"HS256 with its DER":                 {sign(jose.JSONWebKey{Key: public, KeyID: "first"}, jose.HS256, nil), auth.Malformed},
		"another algorithm than the key's":   {sign(i.Key(), jose.PS256, nil), auth.UnknownKey},
		"an algorithm that is not taken":     {sign(i.Key(), jose.RS512, nil), auth.Malformed},
		"another key under the name":         {sign(under("first"), jose.RS256, nil), auth.BadSignature},
		"another key under another name":     {sign(under("../../dev/null"), jose.RS256, nil), auth.UnknownKey},
		"a name with SQL":                    {sign(under("' OR 1=1 --"), jose.RS256, nil), auth.UnknownKey},
		"another key that it brings along":   {sign(evil, jose.RS256, map[jose.HeaderKey]any{"jwk": jose.JSONWebKey{Key: evil.Public()}, "kid": "first"}), auth.BadSignature},
		"an address of keys":                 {sign(under("first"), jose.RS256, map[jose.HeaderKey]any{"jku": "https://evil.example/keys"}), auth.BadSignature},
		"something critical":                 {sign(i.Key(), jose.RS256, map[jose.HeaderKey]any{"crit": []string{"x"}, "x": 1}), auth.Malformed},
		"another issuer's, as of this":       {authtest.Sign(t, other.Key(), jose.RS256, i.Claims(nil), nil), auth.BadSignature},
		"a logout token":                     {sign(i.Key(), jose.RS256, map[jose.HeaderKey]any{"typ": "logout+jwt"}), auth.Malformed},
		"a type that is no word":             {sign(i.Key(), jose.RS256, map[jose.HeaderKey]any{"typ": 1}), auth.Malformed},
		"claims of another":                  {parts[0] + "." + strings.Split(i.Token(map[string]any{"sub": "root"}), ".")[1] + "." + parts[2], auth.BadSignature},
		"no signature":                       {parts[0] + "." + parts[1] + ".", auth.BadSignature},
		"a part less":                        {parts[0] + "." + parts[1], auth.Malformed},
		"a part more":                        {good + "." + parts[2], auth.Malformed},
		"huge":                               {i.Token(map[string]any{"x": strings.Repeat("x", 20<<10)}), auth.Malformed},
		"nothing":                            {"", auth.Malformed},
		"dots":                               {"..", auth.Malformed},
		"a good one with a space behind it":  {good + " ", auth.Malformed},
		"a good one with a break in it":      {parts[0] + ".\n" + parts[1] + "." + parts[2], auth.Malformed},
		"an access token, as RFC 9068 types": {sign(i.Key(), jose.RS256, map[jose.HeaderKey]any{"typ": "application/at+JWT"}), ""},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, g, bearer(tc.token), tc.want) })
	}
}

func TestHeaders(t *testing.T) {
	i := authtest.NewIssuer(t)
	g := open(t, trusting(i))
	token := i.Token(nil)
	for header, want := range map[string]auth.Reason{
		"Bearer " + token: "", "bearer " + token: "", "BEARER " + token: "",
		token: auth.Malformed, "Basic " + token: auth.Malformed, "": auth.Malformed, "Bearer": auth.Malformed, "Bearer  " + token: auth.Malformed,
		"Bearer pcl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": auth.NotTaken,
	} {
		wantReason(t, g, auth.Credentials{Authorization: []string{header}}, want)
	}
	wantReason(t, g, auth.Credentials{Authorization: []string{"Bearer " + token, "Bearer " + token}}, auth.Malformed)
	wantReason(t, g, auth.Credentials{}, auth.NoCredentials)
}

func TestKindsOfKeys(t *testing.T) {
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	for name, tc := range map[string]struct {
		key  jose.JSONWebKey
		alg  jose.SignatureAlgorithm
		want auth.Reason
	}{
		"ES256":                  {jose.JSONWebKey{Key: p256, KeyID: "k"}, jose.ES256, ""},
		"EdDSA":                  {jose.JSONWebKey{Key: ed, KeyID: "k"}, jose.EdDSA, ""},
		"without a name":         {jose.JSONWebKey{Key: p256}, jose.ES256, ""},
		"a curve not taken":      {jose.JSONWebKey{Key: p384, KeyID: "k"}, jose.ES384, auth.Malformed},
		"a key for encryption":   {jose.JSONWebKey{Key: p256, KeyID: "k", Use: "enc"}, jose.ES256, auth.KeysUnavailable},
		"a key for another kind": {jose.JSONWebKey{Key: p256, KeyID: "k", Algorithm: "ECDH-ES"}, jose.ES256, auth.KeysUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			i := authtest.NewIssuer(t)
			i.Use(tc.key)
			g := open(t, trusting(i))
			wantReason(t, g, bearer(authtest.Sign(t, tc.key, tc.alg, i.Claims(nil), nil)), tc.want)
		})
	}
}

// A token without a name for its key is not tried against one after another.
func TestANamelessKeyMustBeTheOnlyOne(t *testing.T) {
	i := authtest.NewIssuer(t)
	first := i.Key()
	i.Rotate("second")
	i.Use(first, i.Key())
	g := open(t, trusting(i))
	wantReason(t, g, bearer(authtest.Sign(t, first.Key, jose.ES256, i.Claims(nil), nil)), auth.UnknownKey)
	wantReason(t, g, bearer(i.Token(nil)), "")
}

// A stolen token that is bound to a certificate is worth nothing without its key.
func TestBoundTokens(t *testing.T) {
	i, ca := authtest.NewIssuer(t), authtest.NewAuthority(t, "clients")
	g := open(t, trusting(i))
	mine, thiefs := ca.Client(t), ca.Client(t)
	sum := sha256.Sum256(mine.Leaf.Raw)
	token := i.Token(map[string]any{"cnf": map[string]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}})
	with := func(c *x509.Certificate) auth.Credentials {
		got := bearer(token)
		got.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{c}}
		return got
	}
	wantReason(t, g, with(mine.Leaf), "")
	wantReason(t, g, with(thiefs.Leaf), auth.NotBound)
	wantReason(t, g, bearer(token), auth.NotBound)
}

func TestRolesFromOtherClaims(t *testing.T) {
	for name, tc := range map[string]struct {
		from   string
		grants auth.Grants
		claims map[string]any
		want   auth.Reason
	}{
		"scopes":             {"scope", auth.Grants{auth.Validator: {"texts.judge"}}, map[string]any{"scope": "openid texts.judge"}, ""},
		"half a scope":       {"scope", auth.Grants{auth.Validator: {"texts"}}, map[string]any{"scope": "openid texts.judge"}, auth.NoRole},
		"within an object":   {"realm_access.roles", auth.Grants{auth.Validator: {"callers"}}, map[string]any{"realm_access": map[string]any{"roles": []string{"callers"}}}, ""},
		"a name with dots":   {"https://acme.example/roles", auth.Grants{auth.Validator: {"callers"}}, map[string]any{"https://acme.example/roles": []string{"callers"}}, ""},
		"the subject":        {"sub", auth.Grants{auth.Validator: {"alice"}}, nil, ""},
		"another subject":    {"sub", auth.Grants{auth.Validator: {"alice"}}, map[string]any{"sub": "alice2"}, auth.NoRole},
		"everybody":          {"", auth.Grants{auth.Validator: {"*"}}, map[string]any{"roles": nil}, ""},
		"a folder":           {"sub", auth.Grants{auth.Validator: {"agents/*"}}, map[string]any{"sub": "agents/7"}, ""},
		"beside the folder":  {"sub", auth.Grants{auth.Validator: {"agents/*"}}, map[string]any{"sub": "agents-evil/7"}, auth.NoRole},
		"a role is no other": {"", auth.Grants{auth.Admin: {"callers"}}, nil, auth.NoRole},
		"a star in a token":  {"", auth.Grants{auth.Validator: {"agents/*"}}, map[string]any{"roles": []string{"*"}}, auth.NoRole},
	} {
		t.Run(name, func(t *testing.T) {
			i := authtest.NewIssuer(t)
			g := open(t, trusting(i, func(e *auth.Issuer) { e.RolesFrom, e.Roles = tc.from, tc.grants }))
			wantReason(t, g, bearer(i.Token(tc.claims)), tc.want)
		})
	}
}
