package auth

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// A connection that is older than its certificate is worth nothing any more.
func TestACertificateMayExpireWhileItsConnectionLives(t *testing.T) {
	ca := authtest.NewAuthority(t, "clients")
	c := newClients(Certificates{
		ClientCA: authtest.File(t, t.TempDir(), "ca.pem", ca.PEM()), Roles: Grants{Validator: {"*"}},
	})
	if err := c.authorities.load(); err != nil {
		t.Fatal(err)
	}
	leaf := ca.Issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(time.Minute) }).Leaf
	state := &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf, ca.Certificate}}}
	p, err := c.identify(state)
	if err != nil || !p.Expires.Equal(leaf.NotAfter) {
		t.Fatalf("%+v, %v", p, err)
	}
	c.now = func() time.Time { return leaf.NotAfter }
	if _, err := c.identify(state); ReasonOf(err) != Expired {
		t.Errorf("%v after its end", err)
	}
}
