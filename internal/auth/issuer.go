package auth

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Issuer says which tokens of an OpenID Connect issuer are taken.
type Issuer struct {
	// Issuer is its URL, as the tokens have it in iss. Its keys are found through
	// /.well-known/openid-configuration below it.
	Issuer string `yaml:"issuer"`
	// Audiences are those of which a token must name one: without, a token made for
	// any other service would do.
	Audiences []string `yaml:"audiences"`
	// Algorithms are those that signatures may have; empty: RS256, PS256, ES256, EdDSA.
	Algorithms []string `yaml:"algorithms,omitempty"`
	// CA is a PEM file of authorities for the connection to the issuer; empty: those of
	// the system.
	CA string `yaml:"ca,omitempty"`
	// RolesFrom is the claim whose values Roles names; empty: roles. Dots lead into
	// objects, as in realm_access.roles.
	RolesFrom string `yaml:"roles_from,omitempty"`
	// Roles gives roles to the values of that claim.
	Roles Grants `yaml:"roles"`
	// RefreshEvery is how often the keys are fetched; 0: 10m. An unknown key has them
	// fetched at once.
	RefreshEvery time.Duration `yaml:"refresh_every,omitempty"`
	// KeepKeys is how long keys are used that could not be fetched anew; 0: 24h.
	KeepKeys time.Duration `yaml:"keep_keys,omitempty"`
}

const (
	defaultRefresh = 10 * time.Minute
	defaultKeep    = 24 * time.Hour
	defaultClaim   = "roles"
)

// safe are the algorithms that may be configured. Those with a shared secret are not
// among them: with one, whoever can check a token can make it.
var safe = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

var usual = []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA}

func (i Issuer) algorithms() []jose.SignatureAlgorithm {
	if len(i.Algorithms) == 0 {
		return usual
	}
	list := make([]jose.SignatureAlgorithm, len(i.Algorithms))
	for n, a := range i.Algorithms {
		list[n] = jose.SignatureAlgorithm(a)
	}
	return list
}

func (i Issuer) claim() string          { return cmp.Or(i.RolesFrom, defaultClaim) }
func (i Issuer) refresh() time.Duration { return cmp.Or(i.RefreshEvery, defaultRefresh) }
func (i Issuer) keepFor() time.Duration { return cmp.Or(i.KeepKeys, defaultKeep) }

func validateIssuers(list []Issuer) error {
	seen := make(map[string]bool)
	for n, i := range list {
		if err := i.validate(); err != nil {
			return fmt.Errorf("[%d].%w", n, err)
		}
		if seen[i.Issuer] {
			return fmt.Errorf("[%d].issuer: %s is there twice", n, i.Issuer)
		}
		seen[i.Issuer] = true
	}
	return nil
}

func (i Issuer) validate() error {
	if err := validateURL(i.Issuer); err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	if len(i.Audiences) == 0 || slices.Contains(i.Audiences, "") {
		return fmt.Errorf("audiences: name the audience that %s gives tokens for this service: without it a token made for any other service would open this one", i.Issuer)
	}
	for _, a := range i.algorithms() {
		if !slices.Contains(safe, a) {
			return fmt.Errorf("algorithms: %q is none of %q: the issuer must sign with a key that only it has", a, safe)
		}
	}
	if i.refresh() < time.Second || i.keepFor() < i.refresh() {
		return fmt.Errorf("refresh_every: %s must be 1s at least and keep_keys, %s, no less", i.refresh(), i.keepFor())
	}
	return i.Roles.validate()
}

// validateURL wants https: over http whoever is on the way chooses the keys.
func validateURL(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "":
		return fmt.Errorf("%q is no URL; give the issuer's, such as https://login.example", issuer)
	case u.Scheme != "https":
		return fmt.Errorf("%s is not https: whoever is on the way could choose the keys", issuer)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return fmt.Errorf("%s must have neither user nor query nor fragment", u.Redacted())
	}
	return nil
}
