package main

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/internal/config"
)

// TestWhatWasSanitisedStaysSo: a text that was sanitised by the real rules, judged
// again, is not blocked for what was taken out, and there is nothing more to take out.
func TestWhatWasSanitisedStaysSo(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "ward.yaml", []byte("extends: balanced\nconditions: [{name: all, when: 'true', then: sanitize}, {name: many, when: count(\"secret\") >= 4, then: review}]"))
	e := engineOfRules(t, dir)
	parts := []string{
		"jane.roe@example.com", "DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111", "192.0.2.44", "8.8.8.8", "+49 30 901820", "078-05-1120",
		"AKIAIOSFODNN7EXAMPLE", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "password = \"hunter2hunter2!\"", "-----BEGIN PRIVATE KEY-----",
		"[EMAIL]", "[", "]", "\u200b", "ａ＠ｂ．ｃｏｍ", "the", "card", "key:", "\n", " ", " ", ",", "é", "x@y", "@", "1", "2026-11-22",
	}
	r := rand.New(rand.NewPCG(22, 11))
	sanitized := 0
	for range 1500 {
		var text strings.Builder
		for range 1 + r.IntN(12) {
			text.WriteString(parts[r.IntN(len(parts))])
			text.WriteString([]string{" ", "", "\n"}[r.IntN(3)])
		}
		for _, policy := range []string{"balanced", "strict", "ward"} {
			once := validated(t, e, policy, text.String())
			if once.Decision != guard.Sanitize {
				continue
			}
			sanitized++
			again := validated(t, e, policy, *once.Sanitized)
			if again.Decision == guard.Block || again.Decision == guard.Review {
				t.Fatalf("%s: %q became %q, which is %s: %q", policy, text.String(), *once.Sanitized, again.Decision, again.Reasons)
			}
			if again.Decision == guard.Sanitize {
				t.Fatalf("%s: %q became %q and then %q: %q", policy, text.String(), *once.Sanitized, *again.Sanitized, again.Reasons)
			}
		}
	}
	if sanitized < 500 {
		t.Errorf("only %d texts were sanitised: the test proves little", sanitized)
	}
}

// engineOfRules has all checks but the models', the built-in policies and those of a
// folder.
func engineOfRules(t *testing.T, policies string) *guard.Engine {
	t.Helper()
	cfg := config.Default()
	cfg.Policies = policies
	counter, err := counted()
	if err != nil {
		t.Fatal(err)
	}
	e, err := builder{cfg: cfg, counter: counter}.engine(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return e
}

func validated(t *testing.T, e *guard.Engine, policy, text string) guard.Result {
	t.Helper()
	r, err := e.Validate(t.Context(), guard.Request{Text: text, Policy: policy}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
