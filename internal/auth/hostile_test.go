package auth_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// A claim that is there twice means one thing to one reader and another to the next: such a
// token is none, even if its issuer has signed it.
func TestClaimsThatAreThereTwice(t *testing.T) {
	i := authtest.NewIssuer(t)
	g := open(t, trusting(i))
	whole, err := json.Marshal(i.Claims(nil))
	if err != nil {
		t.Fatal(err)
	}
	signed := func(payload string) string {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: i.Key()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		token, err := signer.Sign([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		text, err := token.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	wantReason(t, g, bearer(signed(string(whole))), "")
	open := strings.TrimSuffix(string(whole), "}")
	for name, more := range map[string]string{
		"names": `"sub":"root"`, "ends": `"exp":9999999999`, "audiences": `"aud":"other"`, "issuers": `"iss":"https://evil.example"`,
		"roles": `"roles":["admins"]`, "bonds": `"cnf":null,"cnf":{"jkt":"A"}`, "of no matter": `"x":1,"x":2`,
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, g, bearer(signed(open+","+more+"}")), auth.Malformed) })
	}
	for name, payload := range map[string]string{
		"something after it": string(whole) + "{}", "a list": "[" + string(whole) + "]", "nothing": "", "null": "null", "deep": strings.Repeat(`{"a":`, 2000),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := g.Admit(t.Context(), validate, bearer(signed(payload))); err == nil {
				t.Error("let in")
			}
		})
	}
}

// An issuer that answers with more than anybody signs with is answered as if it failed: the
// keys that are there stay.
func TestKeySetsThatAreTooLarge(t *testing.T) {
	i := authtest.NewIssuer(t)
	g := open(t, trusting(i))
	wantReason(t, g, bearer(i.Token(nil)), "")
	key := i.Key()
	one, err := json.Marshal(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"many keys":     `{"keys":[` + strings.Repeat(string(one)+",", 100) + string(one) + `]}`,
		"a long answer": `{"keys":[` + string(one) + `],"x":"` + strings.Repeat("x", 2<<20) + `"}`,
		"deep":          `{"keys":` + strings.Repeat("[", 200<<10),
	} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{}, 100)
			i.Answer(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprint(w, body) // a client that has had enough leaves
				asked <- struct{}{}
			})
			other := i.Key()
			other.KeyID = "another"
			wantReason(t, g, bearer(authtest.Sign(t, other, jose.ES256, i.Claims(nil), nil)), auth.UnknownKey)
			<-asked // for a key that was not there
			wantReason(t, g, bearer(i.Token(nil)), "")
		})
	}
}
