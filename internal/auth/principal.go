package auth

import (
	"crypto/tls"
	"time"
)

// Principal is who calls. The zero Principal has no name and no role.
type Principal struct {
	// Name is the caller's, and nobody else's whatever the method:
	//
	//	spiffe://acme.example/ns/agents/sa/bot   a certificate with a SPIFFE id
	//	x509:CN=bot,O=Acme                       any other certificate
	//	https://login.acme.example#4711          a token: issuer#subject
	//	key:ci                                   a key
	//
	// It is empty where nobody is asked.
	Name string
	// Expires is when the credentials end; zero is never.
	Expires time.Time

	roles roleSet
	amr   []string // what the issuer has seen of factors
	acr   string
}

// Has tells whether the principal has the role.
func (p Principal) Has(r Role) bool { return p.roles.any(setOf(r)) }

// Credentials are what a call brings.
type Credentials struct {
	// TLS is the connection; nil: plain text.
	TLS *tls.ConnectionState
	// Authorization are the values of that header.
	Authorization []string
}

// anonymous is everybody, where nobody is asked: the service then relies on who can
// reach it.
var anonymous = Principal{roles: setOf(Roles()...)}
