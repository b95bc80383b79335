package auth

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

// Whatever a file of keys holds, it is refused or every key in it is whole, and a refusal
// repeats nothing of it.
func FuzzKeysFile(f *testing.F) {
	line := fmt.Sprintf("ci sha256:%x", sha256.Sum256([]byte("key")))
	for _, seed := range []string{line, "# a comment\n\n" + line + "\r\n", line + "\n" + line, "pcl_secret", "ci sha256:", "ci  sha256:00", "\x00", strings.Repeat(line[:len(line)-1]+"g\n", 3)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parseKeys([]byte(text))
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			if !keyName.MatchString(k.name) {
				t.Errorf("a key is named %q", k.name)
			}
		}
	})
}

// Whatever an issuer answers, it is refused or every key in it may sign.
func FuzzKeySet(f *testing.F) {
	for _, seed := range []string{
		`{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"a"}]}`,
		`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`,
		`{"keys":[{"kty":"oct","k":"AAAA"}]}`, `{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}`, `{"keys":[{"kty":"RSA","n":"","e":""}]}`, `{"keys":null}`, `[]`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parseKeySet([]byte(text))
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			if !usable(k) {
				t.Errorf("a key that cannot sign is kept: %v", k.KeyID)
			}
		}
	})
}
