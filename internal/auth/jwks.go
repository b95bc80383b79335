package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// keySet is what an issuer signs with, as it said at one moment.
type keySet struct {
	keys    []jose.JSONWebKey
	fetched time.Time
}

// maxIssuerKeys bounds how many keys of an issuer are kept.
const maxIssuerKeys = 100

// parseKeySet keeps the keys that can be used. Others, such as of kinds that are not
// known here, do not spoil those that can.
func parseKeySet(data []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, errors.New("the keys are no JSON Web Key Set")
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if json.Unmarshal(raw, &k) == nil && usable(k) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 || len(keys) > maxIssuerKeys {
		return nil, errors.New("the key set holds no key that could be used, or too many")
	}
	return keys, nil
}

// usable wants a public key that is made for signatures.
func usable(k jose.JSONWebKey) bool {
	return k.IsPublic() && k.Valid() && (k.Use == "" || k.Use == "sig") &&
		slices.ContainsFunc(safe, func(a jose.SignatureAlgorithm) bool { return fits(k, a) })
}

// matching returns the keys that a token with this header may have been signed with. A
// token that names no key is taken only where there is one to choose from.
func (s keySet) matching(kid string, alg jose.SignatureAlgorithm) []jose.JSONWebKey {
	var found []jose.JSONWebKey
	for _, k := range s.keys {
		if (kid == "" || k.KeyID == kid) && fits(k, alg) {
			found = append(found, k)
		}
	}
	if kid == "" && len(found) > 1 {
		return nil
	}
	return found
}

// fits tells whether the key is of the algorithm's kind: a token chooses the algorithm,
// and must not choose how a key is read.
func fits(k jose.JSONWebKey, alg jose.SignatureAlgorithm) bool {
	if k.Algorithm != "" && k.Algorithm != string(alg) {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= 2048 && key.N.BitLen() <= 8192 && (alg[:2] == "RS" || alg[:2] == "PS")
	case *ecdsa.PublicKey:
		return curves[alg] != nil && key.Curve == curves[alg]
	case ed25519.PublicKey:
		return alg == jose.EdDSA
	}
	return false
}

var curves = map[jose.SignatureAlgorithm]elliptic.Curve{
	jose.ES256: elliptic.P256(), jose.ES384: elliptic.P384(), jose.ES512: elliptic.P521(),
}
