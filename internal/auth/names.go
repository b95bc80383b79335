package auth

import (
	"crypto/x509"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// maxName is how long the name of a caller may be, in bytes: it goes to logs and
// records.
const maxName = 2048 // as SPIFFE has it

// nameOf gives the name of a verified certificate: its SPIFFE id, or else its subject.
// A certificate that names a SPIFFE id must name it alone and well.
func nameOf(c *x509.Certificate) (string, error) {
	for _, u := range c.URIs {
		if strings.EqualFold(u.Scheme, "spiffe") {
			return spiffeID(c.URIs)
		}
	}
	name := "x509:" + c.Subject.String()
	if c.Subject.CommonName == "" || !presentable(name) {
		return "", unknown(NoName)
	}
	return name, nil
}

// workload is a SPIFFE id that names more than a trust domain.
var workload = regexp.MustCompile(`^spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)+$`)

func spiffeID(uris []*url.URL) (string, error) {
	id := uris[0].String()
	if len(uris) != 1 || len(id) > maxName || !workload.MatchString(id) || strings.Contains(id+"/", "/./") || strings.Contains(id+"/", "/../") {
		return "", unknown(NoName)
	}
	return id, nil
}

// presentable tells whether a name can stand in a log.
func presentable(name string) bool {
	return name != "" && len(name) <= maxName &&
		!strings.ContainsFunc(name, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) })
}
