package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	validate = "/portcullis.v1.ValidationService/Validate"
	info     = "/portcullis.v1.ValidationService/GetServerInfo"
)

// open makes a gate that runs until the test ends.
func open(t testing.TB, change func(*auth.Config)) *auth.Gate {
	t.Helper()
	cfg := auth.DefaultConfig()
	change(&cfg)
	g, err := auth.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { g.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return g
}

// trusting takes the tokens of i, whose "callers" are validators.
func trusting(i *authtest.Issuer, change ...func(*auth.Issuer)) func(*auth.Config) {
	return func(cfg *auth.Config) {
		entry := auth.Issuer{Issuer: i.URL, CA: i.CA, Audiences: []string{authtest.Audience}, Roles: auth.Grants{auth.Validator: {"callers"}}}
		for _, c := range change {
			c(&entry)
		}
		cfg.Tokens = append(cfg.Tokens, entry)
	}
}

func bearer(text string) auth.Credentials {
	return auth.Credentials{Authorization: []string{"Bearer " + text}}
}

// wantReason fails unless the call is refused for that reason; empty: is let in.
func wantReason(t testing.TB, g *auth.Gate, c auth.Credentials, want auth.Reason) auth.Principal {
	t.Helper()
	p, err := g.Admit(t.Context(), validate, c)
	if got := auth.ReasonOf(err); got != want || (err == nil) != (want == "") {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
	if !errors.Is(err, auth.ErrDenied) && !errors.Is(err, auth.ErrSecondFactor) && err != nil && p.Name != "" {
		t.Error("not known, and named all the same")
	}
	return p
}
