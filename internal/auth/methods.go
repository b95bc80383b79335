package auth

import (
	"fmt"
	"maps"
	"slices"
)

// Rule says who may call a method.
type Rule struct {
	// Roles are those of which a caller needs one.
	Roles []Role `yaml:"roles"`
	// SecondFactor wants a token that shows one, besides the role.
	SecondFactor bool `yaml:"second_factor,omitempty"`
}

// Methods are rules by full method name. A method without one cannot be called.
type Methods map[string]Rule

// DefaultMethods lets validators have texts judged, and everyone who has a role ask
// what the server is.
func DefaultMethods() Methods {
	const service = "/portcullis.v1.ValidationService/"
	judged := Rule{Roles: []Role{Validator}}
	return Methods{
		service + "Validate":       judged,
		service + "ValidateStream": judged,
		service + "ValidateOutput": judged,
		service + "GetServerInfo":  {Roles: Roles()},
	}
}

func (m Methods) validate() error {
	for name, rule := range m {
		if len(rule.Roles) == 0 {
			return fmt.Errorf("methods.%s.roles: nobody could call it; name a role", name)
		}
		for _, r := range rule.Roles {
			if err := r.validate(); err != nil {
				return fmt.Errorf("methods.%s.roles: %w", name, err)
			}
		}
	}
	return nil
}

// Cover makes sure that the rules are those of the methods that there are: one that
// was forgotten nobody could call, and a rule for one that is misspelt would protect
// nothing.
func (m Methods) Cover(methods []string) error {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(methods, name) {
			return fmt.Errorf("auth.methods: there is no method %s; the server has %q", name, methods)
		}
	}
	for _, name := range methods {
		if _, ok := m[name]; !ok {
			return fmt.Errorf("auth.methods: nothing says who may call %s", name)
		}
	}
	return nil
}

// wantSecondFactor tells whether any method does.
func (m Methods) wantSecondFactor() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(m)), func(r Rule) bool { return r.SecondFactor })
}

// SecondFactor says what in a token shows one: any of the values.
type SecondFactor struct {
	AMR []string `yaml:"amr"` // ways of authentication, such as mfa, otp, hwk
	ACR []string `yaml:"acr"` // classes that the issuer defines
}

func (f SecondFactor) shown(p Principal) bool {
	return slices.ContainsFunc(p.amr, func(v string) bool { return slices.Contains(f.AMR, v) }) ||
		p.acr != "" && slices.Contains(f.ACR, p.acr)
}
