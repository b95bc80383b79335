package auth

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a caller may be.
type Role string

// The roles. None of them includes another.
const (
	Validator Role = "validator" // has texts judged
	Auditor   Role = "auditor"   // reads what was decided
	Privacy   Role = "privacy"   // answers and erases for the people whose data it is
	Admin     Role = "admin"     // changes how the service runs
)

// Roles lists them all.
func Roles() []Role { return []Role{Validator, Auditor, Privacy, Admin} }

func (r Role) validate() error {
	if !slices.Contains(Roles(), r) {
		return fmt.Errorf("%q is no role; there are validator, auditor, privacy, admin", r)
	}
	return nil
}

// roleSet is a set of roles, one bit each.
type roleSet uint8

func setOf(roles ...Role) (s roleSet) {
	for _, r := range roles {
		s |= 1 << slices.Index(Roles(), r)
	}
	return s
}

// any tells whether the sets share a role.
func (s roleSet) any(of roleSet) bool { return s&of != 0 }

// Grants gives roles to callers by their names. A name is whole; or ends in /*, for
// all that begin so; or is *, for whoever the method vouches for.
type Grants map[Role][]string

// anyone matches every caller that the method vouches for.
const anyone = "*"

func (g Grants) validate() error {
	if len(g) == 0 {
		return fmt.Errorf("roles: nobody has one, so nobody could call: name some, such as {validator: ['*']}")
	}
	for role, names := range g {
		if err := role.validate(); err != nil {
			return fmt.Errorf("roles: %w", err)
		}
		if len(names) == 0 {
			return fmt.Errorf("roles.%s: names nobody; leave it out or name callers", role)
		}
		for _, name := range names {
			if err := validPattern(name); err != nil {
				return fmt.Errorf("roles.%s: %w", role, err)
			}
		}
	}
	return nil
}

// validPattern refuses what matches more than it seems to: spiffe://acme.example* is
// also spiffe://acme.example.evil.
func validPattern(name string) error {
	star := strings.IndexByte(name, '*')
	switch {
	case name == "":
		return fmt.Errorf("a name is empty")
	case star < 0, name == anyone, star == len(name)-1 && strings.HasSuffix(name, "/*"):
		return nil
	}
	return fmt.Errorf("%q: a * stands alone, or at the end behind a /", name)
}

// of returns the roles of a caller with any of the names.
func (g Grants) of(names ...string) (s roleSet) {
	for role, patterns := range g {
		for _, p := range patterns {
			if p == anyone || slices.ContainsFunc(names, func(n string) bool { return matches(p, n) }) {
				s |= setOf(role)
			}
		}
	}
	return s
}

func matches(pattern, name string) bool {
	if start, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, start)
	}
	return pattern == name
}
