package auth

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// revoking loads authorities and lists as they stand in two files.
func revoking(t *testing.T, authorities, lists []byte) (*clients, error) {
	t.Helper()
	dir := t.TempDir()
	c := newClients(Certificates{
		ClientCA: authtest.File(t, dir, "ca.pem", authorities), Revoked: authtest.File(t, dir, "revoked.pem", lists), Roles: Grants{Validator: {"*"}},
	})
	return c, c.authorities.load()
}

func chain(certificates ...*x509.Certificate) *tls.ConnectionState {
	return &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{certificates}}
}

func TestRevokedCertificates(t *testing.T) {
	root := authtest.NewAuthority(t, "root")
	good, lost := root.Below(t, "good"), root.Below(t, "lost")
	unlisted := root.Below(t, "unlisted")
	bot, stolen := good.Client(t).Leaf, good.Client(t).Leaf
	soon := func(l *x509.RevocationList) { l.NextUpdate = time.Now().Add(time.Minute) } // long before any certificate ends
	c, err := revoking(t,
		bytes.Join([][]byte{root.PEM(), good.PEM(), lost.PEM()}, nil),
		bytes.Join([][]byte{root.Revoke(t, nil, lost.Certificate), good.Revoke(t, soon, stolen), lost.Revoke(t, nil)}, nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		state *tls.ConnectionState
		want  Reason
	}{
		"a good one":                         {chain(bot, good.Certificate, root.Certificate), ""},
		"a good one, from its own authority": {chain(bot, good.Certificate), ""},
		"a stolen one":                       {chain(stolen, good.Certificate, root.Certificate), Revoked},
		"of an authority that was lost":      {chain(lost.Client(t).Leaf, lost.Certificate, root.Certificate), Revoked},
		"as if nobody stood above that one":  {chain(lost.Client(t).Leaf, lost.Certificate), UntrustedAuthority},
		"of an authority without a list":     {chain(unlisted.Client(t).Leaf, unlisted.Certificate, root.Certificate), RevocationUnknown},
	} {
		if _, err := c.identify(tc.state); ReasonOf(err) != tc.want || (err == nil) != (tc.want == "") {
			t.Errorf("%s: %v, want %q", name, ReasonOf(err), tc.want)
		}
	}
	end := c.authorities.get().lists.end()
	c.now = func() time.Time { return end }
	if _, err := c.identify(chain(bot, good.Certificate)); ReasonOf(err) != RevocationUnknown || !errors.Is(err, ErrUnavailable) {
		t.Errorf("an overdue list: %v", err)
	}
}

func TestListsThatAreRefused(t *testing.T) {
	ca, other := authtest.NewAuthority(t, "clients"), authtest.NewAuthority(t, "clients") // of the same name
	leaf := ca.Client(t).Leaf
	critical := []pkix.Extension{{Id: []int{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 0}}}
	for name, tc := range map[string]struct {
		lists []byte
		want  string
	}{
		"nothing":                   {nil, "no list of"},
		"no PEM":                    {[]byte("revoked: none"), "no list of"},
		"a certificate":             {ca.PEM(), "no list of revoked certificates"},
		"another's of that name":    {other.Revoke(t, nil), "no authority in client_ca has signed"},
		"one beside it":             {append(ca.Revoke(t, nil), other.Revoke(t, nil)...), "no authority in client_ca has signed"},
		"two":                       {append(ca.Revoke(t, nil), ca.Revoke(t, nil, leaf)...), "two lists"},
		"overdue":                   {ca.Revoke(t, func(l *x509.RevocationList) { l.NextUpdate = time.Now().Add(-time.Minute) }, leaf), "overdue since"},
		"of some certificates only": {ca.Revoke(t, func(l *x509.RevocationList) { l.ExtraExtensions = critical }, leaf), "not a whole one"},
		"of another's certificates": {ca.Revoke(t, func(l *x509.RevocationList) { l.RevokedCertificateEntries[0].ExtraExtensions = critical }, leaf), "not a whole one"},
	} {
		_, err := revoking(t, ca.PEM(), tc.lists)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "certificates.revoked: ") {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	if err := (Certificates{Revoked: "lists.pem"}).validate(TLS{}); err == nil {
		t.Error("lists without authorities are taken")
	}
}
