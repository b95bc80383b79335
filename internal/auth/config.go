package auth

import (
	"fmt"
	"net"
	"slices"
	"time"
)

// Config says who may call. Its zero value asks nobody, which only loopback allows.
type Config struct {
	// AllowPlainText serves without TLS beyond loopback: where a proxy or a mesh in
	// front has it.
	AllowPlainText bool `yaml:"allow_plain_text"`
	// AllowAnonymous serves beyond loopback without asking who calls: where the network
	// decides that.
	AllowAnonymous bool         `yaml:"allow_anonymous"`
	TLS            TLS          `yaml:"tls"`
	Certificates   Certificates `yaml:"certificates"`
	// Tokens lists the issuers whose tokens are taken.
	Tokens       []Issuer     `yaml:"tokens"`
	Keys         Keys         `yaml:"keys"`
	SecondFactor SecondFactor `yaml:"second_factor"`
	// Methods says who may call what; those that are not named keep their rule.
	Methods Methods `yaml:"methods"`
	// ReloadEvery is how often certificates, authorities and keys are looked at for a
	// change.
	ReloadEvery time.Duration `yaml:"reload_every"`
}

// DefaultConfig asks nobody.
func DefaultConfig() Config {
	return Config{Methods: DefaultMethods(), ReloadEvery: 10 * time.Second}
}

// asks tells whether callers are asked who they are.
func (c Config) asks() bool {
	return c.Certificates.ClientCA != "" || len(c.Tokens) > 0 || c.Keys.File != ""
}

// Validate names the first setting that cannot be used, or looks safe and is not. It
// reads no files; New does.
func (c Config) Validate() error {
	for _, section := range []struct {
		name string
		err  error
	}{
		{"tls.", c.TLS.validate()},
		{"certificates.", c.Certificates.validate(c.TLS)},
		{"tokens", validateIssuers(c.Tokens)},
		{"keys.", c.Keys.validate()},
		{"", c.Methods.validate()},
		{"", c.validateFactors()},
	} {
		if section.err != nil {
			return fmt.Errorf("%s%w", section.name, section.err)
		}
	}
	if c.ReloadEvery < time.Second {
		return fmt.Errorf("reload_every: %s is less than 1s", c.ReloadEvery)
	}
	return nil
}

func (c Config) validateFactors() error {
	switch {
	case !c.Methods.wantSecondFactor():
		return nil
	case slices.Contains(c.SecondFactor.AMR, "") || slices.Contains(c.SecondFactor.ACR, ""):
		return fmt.Errorf("second_factor: a value of amr or acr is empty, which every token shows")
	case len(c.SecondFactor.AMR)+len(c.SecondFactor.ACR) == 0:
		return fmt.Errorf("second_factor: a method wants one, but nothing says what shows it; set amr or acr, such as amr: [mfa]")
	case len(c.Tokens) == 0:
		return fmt.Errorf("second_factor: a method wants one, but only tokens can show it; set tokens")
	}
	return nil
}

// Exposed refuses to listen where others could reach the service, unless TLS protects
// it and callers are asked who they are, or somebody has said by name that they need
// not be.
func (c Config) Exposed(listen string) error {
	if Loopback(listen) {
		return nil
	}
	if c.TLS.Certificate == "" && !c.AllowPlainText {
		return fmt.Errorf("allow_plain_text: %s can be reached from elsewhere and there is no TLS: set auth.tls.certificate and auth.tls.key, "+
			"listen on 127.0.0.1, or set auth.allow_plain_text where a proxy or mesh in front has TLS", listen)
	}
	if !c.asks() && !c.AllowAnonymous {
		return fmt.Errorf("allow_anonymous: %s can be reached from elsewhere and nobody is asked who they are: set auth.certificates, auth.tokens or auth.keys, "+
			"listen on 127.0.0.1, or set auth.allow_anonymous where the network lets only callers through", listen)
	}
	return nil
}

// Loopback is true for addresses, host:port, that only this machine reaches. A name that
// is not localhost could mean any address.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
