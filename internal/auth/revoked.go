package auth

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"
)

// revocations are the lists of revoked certificates, by the public key of the authority
// that signed each. nil: nobody asked for lists.
type revocations map[string]*revocationList

type revocationList struct {
	serials map[string]bool
	until   time.Time // when the next one was due
}

// parseRevocations wants one list of each authority, signed by it and not overdue.
func parseRevocations(data []byte, of []*x509.Certificate) (revocations, error) {
	lists := make(revocations)
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil || block.Type != "X509 CRL" {
			return nil, fmt.Errorf("holds something that is no list of revoked certificates")
		}
		key, err := signer(list, of)
		if err != nil {
			return nil, err
		}
		if lists[key] != nil {
			return nil, fmt.Errorf("holds two lists of %q", list.Issuer)
		}
		if lists[key], err = read(list); err != nil {
			return nil, err
		}
	}
	for _, a := range of {
		if lists[keyOf(a)] == nil {
			return nil, fmt.Errorf("holds no list of %q, which is in client_ca: none of its certificates could be taken", a.Subject)
		}
	}
	return lists, nil
}

func keyOf(authority *x509.Certificate) string { return string(authority.RawSubjectPublicKeyInfo) }

func signer(list *x509.RevocationList, of []*x509.Certificate) (key string, err error) {
	for _, a := range of {
		if list.CheckSignatureFrom(a) == nil {
			return keyOf(a), nil
		}
	}
	return "", fmt.Errorf("holds a list of %q that no authority in client_ca has signed", list.Issuer)
}

// read refuses a list that says less, or something else, than it seems to: critical
// extensions mark those of some certificates, of changes, or of another authority's.
func read(list *x509.RevocationList) (*revocationList, error) {
	r := &revocationList{serials: make(map[string]bool, len(list.RevokedCertificateEntries)), until: list.NextUpdate}
	critical := false
	for _, e := range list.Extensions {
		critical = critical || e.Critical
	}
	for _, entry := range list.RevokedCertificateEntries {
		r.serials[entry.SerialNumber.String()] = true
		for _, e := range entry.Extensions {
			critical = critical || e.Critical
		}
	}
	switch {
	case critical:
		return nil, fmt.Errorf("holds a list of %q that is not a whole one of its own certificates", list.Issuer)
	case list.NextUpdate.IsZero():
		return nil, fmt.Errorf("holds a list of %q that does not say when the next is due", list.Issuer)
	case !time.Now().Before(list.NextUpdate):
		return nil, fmt.Errorf("holds a list of %q that is overdue since %s: fetch the next", list.Issuer, list.NextUpdate.Format(time.RFC3339))
	}
	return r, nil
}

// check looks up every certificate of a chain but the last, which is trusted by itself.
// Without a list that is in time nobody can tell, so the answer is no.
func (r revocations) check(chain []*x509.Certificate, now time.Time) error {
	if r == nil {
		return nil
	}
	for i, c := range chain[:len(chain)-1] {
		list := r[keyOf(chain[i+1])]
		switch {
		case list == nil || !now.Before(list.until):
			return &refusal{ErrUnavailable, RevocationUnknown}
		case list.serials[c.SerialNumber.String()]:
			return unknown(Revoked)
		}
	}
	return nil
}

// revoked is true for an authority that another of them has taken back.
func (r revocations) revoked(authority *x509.Certificate, others []*x509.Certificate) bool {
	for _, o := range others {
		if list := r[keyOf(o)]; list != nil && list.serials[authority.SerialNumber.String()] && authority.CheckSignatureFrom(o) == nil {
			return true
		}
	}
	return false
}

// end is when the first of the lists is overdue; zero: there is none.
func (r revocations) end() (first time.Time) {
	for _, list := range r {
		if first.IsZero() || list.until.Before(first) {
			first = list.until
		}
	}
	return first
}
