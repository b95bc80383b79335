package auth

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Gate decides about calls. It is safe for concurrent use.
type Gate struct {
	cfg         Config
	log         *slog.Logger
	certificate *reloaded[tls.Certificate] // nil: plain text
	clients     *clients                   // nil: no certificates are asked for
	tokens      *tokens                    // nil: no tokens are taken
	static      *static                    // nil: no keys are taken
}

// New reads the files that cfg names. One that cannot be used is an error: what was
// configured to protect the service must not be missing unnoticed.
func New(cfg Config, log *slog.Logger) (*Gate, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("auth.%w", err)
	}
	g := &Gate{cfg: cfg, log: log}
	if cfg.TLS.Certificate != "" {
		g.certificate = serverCertificate(cfg.TLS)
	}
	if cfg.Certificates.ClientCA != "" {
		g.clients = newClients(cfg.Certificates)
	}
	if cfg.Keys.File != "" {
		g.static = newStatic(cfg.Keys)
	}
	if len(cfg.Tokens) > 0 {
		g.tokens = newTokens(cfg.Tokens, log)
	}
	for _, f := range g.files() {
		if err := f.load(); err != nil {
			return nil, fmt.Errorf("auth.%w", err)
		}
	}
	return g, nil
}

// Open lets everybody do everything.
func Open() *Gate { return &Gate{cfg: DefaultConfig(), log: slog.New(slog.DiscardHandler)} }

func newTokens(issuers []Issuer, log *slog.Logger) *tokens {
	t := &tokens{rings: make(map[string]*keyring), now: time.Now}
	taken := make(map[jose.SignatureAlgorithm]bool)
	for _, i := range issuers {
		t.rings[i.Issuer] = newKeyring(i, log)
		for _, a := range i.algorithms() {
			taken[a] = true
		}
	}
	for a := range taken {
		t.algorithms = append(t.algorithms, a)
	}
	return t
}

// Methods are the rules that the gate goes by.
func (g *Gate) Methods() Methods { return g.cfg.Methods }

// Admit says who calls, or refuses the call with an error that wraps one of this
// package's. The principal is also returned where it is known and may not.
func (g *Gate) Admit(ctx context.Context, method string, c Credentials) (Principal, error) {
	p, err := g.identify(ctx, c)
	if err != nil {
		return Principal{}, err
	}
	return p, g.authorise(method, p)
}

// identify takes the authorization header where there is one, and the certificate of
// the connection otherwise. A header that is not good is not made good by a certificate.
func (g *Gate) identify(ctx context.Context, c Credentials) (Principal, error) {
	switch {
	case !g.cfg.asks():
		return anonymous, nil
	case len(c.Authorization) > 0:
		return g.bearer(ctx, c)
	case g.clients != nil:
		return g.clients.identify(c.TLS)
	}
	return Principal{}, unknown(NoCredentials)
}

// bearer reads "Bearer KEY" and "Bearer TOKEN".
func (g *Gate) bearer(ctx context.Context, c Credentials) (Principal, error) {
	scheme, text, _ := strings.Cut(c.Authorization[0], " ")
	isKey := strings.HasPrefix(text, keyPrefix)
	switch {
	case len(c.Authorization) > 1 || !strings.EqualFold(scheme, "bearer"):
		return Principal{}, unknown(Malformed)
	case isKey && g.static != nil:
		return g.static.identify(text)
	case !isKey && g.tokens != nil:
		return g.tokens.identify(ctx, text, c.TLS)
	}
	return Principal{}, unknown(NotTaken)
}

func (g *Gate) authorise(method string, p Principal) error {
	rule, ok := g.cfg.Methods[method]
	switch {
	case !ok || !p.roles.any(setOf(rule.Roles...)):
		return &refusal{ErrDenied, NoRole}
	case rule.SecondFactor && !g.cfg.SecondFactor.shown(p):
		return &refusal{ErrSecondFactor, NoSecondFactor}
	}
	return nil
}

// Run keeps certificates, keys and authorities as they are outside, until ctx ends.
func (g *Gate) Run(ctx context.Context) {
	var all sync.WaitGroup
	if g.tokens != nil {
		for _, ring := range g.tokens.rings {
			all.Go(func() { ring.run(ctx) })
		}
	}
	if files := g.files(); len(files) > 0 {
		all.Go(func() { g.reload(ctx, files) })
	}
	all.Wait()
}
