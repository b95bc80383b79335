package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// Every role against every method of the default rules, and one that has none.
func TestMethodsAndRoles(t *testing.T) {
	const service = "/portcullis.v1.ValidationService/"
	i := authtest.NewIssuer(t)
	all := auth.Grants{}
	for _, r := range auth.Roles() {
		all[r] = []string{string(r)}
	}
	g := open(t, trusting(i, func(e *auth.Issuer) { e.Roles = all }))
	for method, may := range map[string]string{
		"Validate": "validator", "ValidateStream": "validator", "ValidateOutput": "validator",
		"GetServerInfo": "validator auditor privacy admin", "Erase": "", "": "",
	} {
		for _, role := range []string{"validator", "auditor", "privacy", "admin", "root", ""} {
			_, err := g.Admit(t.Context(), service+method, bearer(i.Token(map[string]any{"roles": []string{role}})))
			if want := role != "" && strings.Contains(may, role); (err == nil) != want || err != nil && !errors.Is(err, auth.ErrDenied) {
				t.Errorf("%q calls %s: %v", role, method, err)
			}
		}
		if _, err := g.Admit(t.Context(), service+method, auth.Credentials{}); !errors.Is(err, auth.ErrUnknown) {
			t.Errorf("nobody calls %s: %v", method, err)
		}
	}
}

func TestSecondFactors(t *testing.T) {
	i := authtest.NewIssuer(t)
	key, line := newKey(t, "ci")
	g := open(t, func(cfg *auth.Config) {
		trusting(i)(cfg)
		cfg.Keys = auth.Keys{File: authtest.File(t, t.TempDir(), "keys", []byte(line)), Roles: auth.Grants{auth.Validator: {"*"}}}
		cfg.Methods[validate] = auth.Rule{Roles: []auth.Role{auth.Validator}, SecondFactor: true}
		cfg.SecondFactor = auth.SecondFactor{AMR: []string{"mfa", "hwk"}, ACR: []string{"high"}}
	})
	for name, tc := range map[string]struct {
		claims map[string]any
		want   auth.Reason
	}{
		"none":               {nil, auth.NoSecondFactor},
		"one way":            {map[string]any{"amr": []string{"pwd", "mfa"}}, ""},
		"another way":        {map[string]any{"amr": []string{"pwd"}}, auth.NoSecondFactor},
		"a class":            {map[string]any{"acr": "high"}, ""},
		"a lower class":      {map[string]any{"acr": "low"}, auth.NoSecondFactor},
		"an empty class":     {map[string]any{"acr": ""}, auth.NoSecondFactor},
		"but no role":        {map[string]any{"amr": []string{"mfa"}, "roles": nil}, auth.NoRole},
		"a way as a class":   {map[string]any{"acr": "mfa"}, auth.NoSecondFactor},
		"a class as its way": {map[string]any{"amr": []string{"high"}}, auth.NoSecondFactor},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, g, bearer(i.Token(tc.claims)), tc.want) })
	}
	wantReason(t, g, bearer(key), auth.NoSecondFactor)
	if _, err := g.Admit(t.Context(), info, bearer(i.Token(nil))); err != nil {
		t.Errorf("another method wants one too: %v", err)
	}
}

func TestRulesMustBeThoseOfTheMethods(t *testing.T) {
	m := auth.DefaultMethods()
	var methods []string
	for name := range m {
		methods = append(methods, name)
	}
	if err := m.Cover(methods); err != nil {
		t.Error(err)
	}
	if err := m.Cover(methods[1:]); err == nil || !strings.Contains(err.Error(), methods[0]) {
		t.Errorf("a rule for nothing: %v", err)
	}
	if err := m.Cover(append(methods, "/x/New")); err == nil || !strings.Contains(err.Error(), "/x/New") {
		t.Errorf("a method without a rule: %v", err)
	}
}
