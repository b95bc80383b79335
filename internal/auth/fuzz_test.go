package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// Whatever an authorization header holds, nobody comes in but with what the issuer has
// signed, or a key that is in the file, and nothing panics.
func FuzzAuthorization(f *testing.F) {
	i := authtest.NewIssuer(f)
	key, line, err := auth.NewKey("ci")
	if err != nil {
		f.Fatal(err)
	}
	g := open(f, func(cfg *auth.Config) {
		trusting(i)(cfg)
		cfg.Keys = auth.Keys{File: authtest.File(f, f.TempDir(), "keys", []byte(line)), Roles: auth.Grants{auth.Validator: {"*"}}}
	})
	good := i.Token(nil)
	parts := strings.Split(good, ".")
	for _, seed := range []string{
		"Bearer " + good, "Bearer " + key.Reveal(), "Bearer " + parts[0] + ".." + parts[2], "Bearer eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"Bearer " + `{"payload":"` + parts[1] + `"}`, "bearer pcl_", "Basic Og==", "", "Bearer \x00", "Bearer " + strings.Repeat("e30.", 1000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		p, err := g.Admit(t.Context(), validate, auth.Credentials{Authorization: []string{header}})
		_, text, _ := strings.Cut(header, " ")
		if err == nil && text != good && text != key.Reveal() {
			t.Errorf("%q let %s in", header, p.Name)
		}
		if err != nil && (auth.ReasonOf(err) == "" || !errors.Is(err, auth.ErrUnknown) && !errors.Is(err, auth.ErrUnavailable)) {
			t.Errorf("%q: an error of another kind: %v", header, err)
		}
	})
}

// Whatever an issuer signs, what comes in has a name, an end and a role.
func FuzzClaims(f *testing.F) {
	i := authtest.NewIssuer(f)
	g := open(f, trusting(i))
	for _, seed := range []string{"alice", "", "a\nb", "\u202e", strings.Repeat("a", 4096)} {
		f.Add(seed, int64(4e9), int64(0), "callers", "mfa")
	}
	f.Add("alice", int64(-1), int64(1<<62), "*", "")
	f.Fuzz(func(t *testing.T, sub string, exp, nbf int64, role, amr string) {
		token := authtest.Sign(t, i.Key(), jose.ES256, i.Claims(map[string]any{"sub": sub, "exp": exp, "nbf": nbf, "roles": []any{role, 1, nil}, "amr": []string{amr}}), nil)
		p, err := g.Admit(t.Context(), validate, bearer(token))
		if err == nil && (!strings.HasPrefix(p.Name, i.URL+"#") || strings.ContainsAny(p.Name, "\n\r\x00\u202e") || p.Expires.IsZero() || role != "callers") {
			t.Errorf("%+v came in", p)
		}
	})
}
