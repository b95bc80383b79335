package auth_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
	"github.com/portcullis-ai/portcullis/internal/secret"
)

func newKey(t *testing.T, name string) (key, line string) {
	t.Helper()
	k, line, err := auth.NewKey(name)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%v %+v", k, k) != secret.Redacted+" "+secret.Redacted || strings.Contains(line, k.Reveal()) {
		t.Error("a new key is seen")
	}
	return k.Reveal(), line
}

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	ci, ciLine := newKey(t, "ci")
	ci2, ci2Line := newKey(t, "ci")
	ops, opsLine := newKey(t, "ops")
	gone, _ := newKey(t, "ci")
	file := authtest.File(t, dir, "keys", []byte("# of the test\n\n"+ciLine+"\r\n  "+ci2Line+"\n"+opsLine))
	g := open(t, func(cfg *auth.Config) {
		cfg.ReloadEvery = time.Second
		cfg.Keys = auth.Keys{File: file, Roles: auth.Grants{auth.Validator: {"ci"}, auth.Admin: {"ops"}}}
	})
	for _, key := range []string{ci, ci2} {
		if p := wantReason(t, g, bearer(key), ""); p.Name != "key:ci" {
			t.Errorf("named %q", p.Name)
		}
	}
	wantReason(t, g, bearer(ops), auth.NoRole)
	wantReason(t, g, bearer(gone), auth.UnknownKey)
	for _, text := range []string{ci[:len(ci)-1], ci + "A", "pcl_", strings.ToUpper(ci), ci + strings.Repeat("A", 1<<20)} {
		if _, err := g.Admit(t.Context(), validate, bearer(text)); err == nil {
			t.Errorf("%.60s was taken", text)
		}
	}
	digest := strings.Fields(ciLine)[1]
	wantReason(t, g, bearer(digest), auth.NotTaken) // whoever reads the file has no key
	wantReason(t, g, bearer("pcl_"+strings.TrimPrefix(digest, "sha256:")), auth.Malformed)

	authtest.File(t, dir, "keys", []byte(opsLine))
	eventually(t, func() bool {
		_, err := g.Admit(t.Context(), validate, bearer(ci))
		return auth.ReasonOf(err) == auth.UnknownKey
	})
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return g.Stats().Stale["keys.file"] })
	if p, err := g.Admit(t.Context(), info, bearer(ops)); err != nil || !p.Has(auth.Admin) {
		t.Errorf("a file that is away took what there was: %v", err)
	}
}

func TestNamesOfKeys(t *testing.T) {
	for name, good := range map[string]bool{"ci": true, "team-a.prod_2": true, "": false, "a b": false, "a\nb": false, strings.Repeat("a", 65): false} {
		if _, _, err := auth.NewKey(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}
