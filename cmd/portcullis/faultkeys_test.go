package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// TestKeysThatCannotBeFetched is the part of the matrix that is about who calls. A caller
// whose key is known notices nothing; one whose key is new is let in only when the issuer
// has told of it.
func TestKeysThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	for _, c := range mishaps {
		if c.part != "issuer's keys" {
			continue
		}
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			issuer := authtest.NewIssuer(t)
			r := newRig(t, gateOf(t, issuer))
			known := withToken(t, issuer)
			eventually(t, "all is well", func() bool { return r.well(known, t) })
			shown := r.shown(c.shows)
			heal := strikeIssuer(t, issuer, c.fault)
			t.Cleanup(heal) // if the test ends early
			issuer.Rotate("second")
			fresh := withToken(t, issuer)
			eventually(t, "a caller with a new key gets "+c.gets, func() bool { return r.ask(fresh, r.fresh(0)).String() == c.gets })
			if !shown() {
				t.Error("the metrics do not show it: " + c.shows)
			}
			if c.gets != "ALLOW" {
				eventually(t, "callers with a known key are well", func() bool { return r.well(known, t) })
			}
			heal()
			eventually(t, "all is well again", func() bool { return r.well(fresh, t) })
		})
	}
}

func gateOf(t *testing.T, issuer *authtest.Issuer) *auth.Gate {
	t.Helper()
	cfg := auth.DefaultConfig()
	cfg.Tokens = []auth.Issuer{{
		Issuer: issuer.URL, CA: issuer.CA, Audiences: []string{authtest.Audience}, Roles: auth.Grants{auth.Validator: {"callers"}},
	}}
	gate, err := auth.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return gate
}

func withToken(t *testing.T, issuer *authtest.Issuer) context.Context {
	t.Helper()
	return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+issuer.Token(nil))
}

// strikeIssuer has an issuer fail to tell its keys until heal is called.
func strikeIssuer(t *testing.T, issuer *authtest.Issuer, fault string) (heal func()) {
	t.Helper()
	healed := make(chan struct{})
	issuer.Answer(map[string]http.HandlerFunc{
		"error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"wrong answer": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"keys": [{"kty": "oct", "k": "AAAA"}]}`))
		},
		"hang": func(http.ResponseWriter, *http.Request) { <-healed },
		"slow": func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(200 * time.Millisecond)
			k := issuer.Key()
			_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{k.Public()}})
		},
	}[fault])
	return sync.OnceFunc(func() { issuer.Answer(nil); close(healed) })
}
