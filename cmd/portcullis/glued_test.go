package main

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/guard"
)

// gluedBits are what can be found and replaced, and what may stand between.
var gluedBits = []string{
	"jane@example.com", "+49 170 1234567", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "sk_live_aaaaaaaaaaaaaaaaaaaaaaaa",
	"ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", "192.168.1.20", "203.0.113.9", "078-05-1120", "password = hunter2hunter2X9", "AKIAIOSFODNN7EXAMPLZ",
	"https://bob:s3cretpw@db.example.com/x", "é", " ", "\u200b", "-", ".", "@", ":", "/", "=", "1", "a", "\n", ",", "my mail is ", "ж", "[EMAIL]",
}

// encodings hide a bit or, more often, do not.
var encodings = []func(string) string{
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(" my " + s + " is")) },
	func(s string) string { return hex.EncodeToString([]byte(s)) },
	url.QueryEscape, strings.Clone, strings.Clone, strings.Clone,
}

// glued puts bits and what hides bits side by side.
func glued(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(6) {
		b.WriteString(encodings[r.IntN(len(encodings))](gluedBits[r.IntN(len(gluedBits))]))
	}
	return b.String()
}

// TestNothingGluedOutlivesSanitising: where a secret stands beside an encoded one, so
// that neither rule nor person sees where it ends, nothing of either is left. What is
// found has its place in the text as received, and hardly a text is given up.
func TestNothingGluedOutlivesSanitising(t *testing.T) {
	t.Parallel()
	e := engineOfRules(t, "")
	r := rand.New(rand.NewPCG(3, 2026))
	sanitised, second, blocked := 0, 0, 0
	for range 3000 {
		raw := glued(r)
		once := validated(t, e, "balanced", raw)
		for _, f := range once.Findings {
			if s := f.Span; s != nil && (s.Start < 0 || s.End > len(raw) || s.Len() <= 0 || !utf8.ValidString(raw[s.Start:s.End])) {
				t.Errorf("%q: %s at %v", raw, f.Rule, *s)
			}
		}
		switch once.Decision { //nolint:exhaustive // the others leave nothing to look at
		case guard.Block:
			blocked++
		case guard.Sanitize:
			sanitised++
			if slices.ContainsFunc(once.Findings, func(f guard.Finding) bool { return strings.Contains(f.Message, "seen once") }) {
				second++
			}
			if again := validated(t, e, "balanced", *once.Sanitized); again.Decision != guard.Allow {
				t.Errorf("%q became %q, which is %s: %q", raw, *once.Sanitized, again.Decision, again.Reasons)
			}
		}
	}
	if sanitised < 1500 || second < 100 || blocked > 30 {
		t.Errorf("%d texts were sanitised, %d in more than one round, %d blocked", sanitised, second, blocked)
	}
}

// TestGrownGluedTextsAreJudgedAsWhole: what is found once its neighbour is gone was
// never cleared before. Each part of a text is looked at before the next one comes.
func TestGrownGluedTextsAreJudgedAsWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := engineOfRules(t, "")
		r := rand.New(rand.NewPCG(8, 2026))
		second := 0
		for range 200 {
			var b strings.Builder
			for range 1 + r.IntN(3) {
				b.WriteString(strings.Repeat(filler, r.IntN(8)) + glued(r))
			}
			text := b.String() + " " + strings.Repeat(filler, 20)
			want, err := e.Validate(t.Context(), guard.Request{Text: text, Meta: guard.Meta{Direction: guard.Output}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, through := slowly(t, e, text, 1+r.IntN(200))
			if got.Decision != want.Decision || got.Sanitized != nil && (*got.Sanitized != *want.Sanitized || !strings.HasPrefix(*got.Sanitized, text[:through])) {
				t.Fatalf("%q, cleared to %d: %s %q, the whole %s %q", text, through, got.Decision, got.Reasons, want.Decision, want.Reasons)
			}
			for _, f := range want.Findings {
				if found := !f.Weak && f.Score >= 0.5 && f.Span != nil; found && f.Span.Start < through {
					t.Fatalf("%q: cleared to %d, but %s stands at %v", text, through, f.Rule, *f.Span)
				}
				if strings.Contains(f.Message, "seen once") {
					second++
				}
			}
		}
		if second < 15 {
			t.Errorf("only %d findings came to light in a second round: the test proves little", second)
		}
	})
}

// slowly judges a text that comes in parts of about that size, each when all that is
// to be said of the one before has been said. It returns the last watermark too.
func slowly(t *testing.T, e *guard.Engine, text string, size int) (r guard.Result, through int) {
	t.Helper()
	chunks := make(chan string)
	go func() {
		defer close(chunks)
		for rest := text; rest != ""; time.Sleep(time.Millisecond) {
			n := min(size, len(rest))
			for n < len(rest) && !utf8.RuneStart(rest[n]) {
				n++
			}
			chunks <- rest[:n]
			rest = rest[n:]
		}
	}()
	_, r, err := e.ValidateGrowing(t.Context(), guard.Growing{Chunks: chunks, Progress: func(p guard.Progress) error {
		through = p.Through
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range chunks { // a verdict of BLOCK came before the end
	}
	return r, through
}
