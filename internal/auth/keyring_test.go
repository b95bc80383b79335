package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
)

// keysOf starts a keyring for i, whose clock stands until the test moves it.
func keysOf(t *testing.T, i *authtest.Issuer) (*keyring, *clock) {
	t.Helper()
	c := &clock{at: time.Now()}
	r := newKeyring(Issuer{Issuer: i.URL, CA: i.CA}, slog.New(slog.DiscardHandler))
	r.now = c.now
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return r, c
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func wantFound(t *testing.T, r *keyring, kid string, found, ok bool) {
	t.Helper()
	keys, got := r.find(t.Context(), kid, jose.ES256)
	if len(keys) > 0 != found || got != ok {
		t.Errorf("%s: %d keys, %v; want %v, %v", kid, len(keys), got, found, ok)
	}
}

func TestARotatedKeyIsTakenAtOnceAndTheOldOneNoMore(t *testing.T) {
	i := authtest.NewIssuer(t)
	r, _ := keysOf(t, i)
	wantFound(t, r, "first", true, true)
	i.Rotate("second")
	wantFound(t, r, "first", true, true) // nobody has asked yet
	wantFound(t, r, "second", true, true)
	wantFound(t, r, "first", false, true)
}

// Whoever sends keys that nobody has must not have the issuer asked each time.
func TestUnknownKeysDoNotFloodTheIssuer(t *testing.T) {
	i := authtest.NewIssuer(t)
	r, c := keysOf(t, i)
	wantFound(t, r, "first", true, true)
	for n := range 200 {
		wantFound(t, r, fmt.Sprint("unknown", n), false, true)
	}
	if n := i.Hits.Load(); n > 1+askedBurst {
		t.Errorf("asked %d times", n)
	}
	i.Rotate("second")
	wantFound(t, r, "second", false, true)
	c.move(11 * time.Second)
	wantFound(t, r, "second", true, true)
}

// An issuer that fails changes nothing for as long as its keys are kept, and then
// closes the door rather than leaving it open.
func TestAnIssuerThatFails(t *testing.T) {
	for name, reply := range map[string]http.HandlerFunc{
		"an error":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"an empty set": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"keys":[]}`) },
		"no set":       func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html>`) },
		"nothing":      func(http.ResponseWriter, *http.Request) {},
		"without end":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat(" ", maxFetch+1)) },
		"a shared key": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"keys":[{"kty":"oct","k":"AAAA"}]}`) },
		"to another one": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := authtest.NewIssuer(t)
			r, c := keysOf(t, i)
			wantFound(t, r, "first", true, true)
			i.Answer(reply)
			wantFound(t, r, "second", false, true) // has it asked
			wantFound(t, r, "first", true, true)
			c.move(defaultKeep + time.Second)
			wantFound(t, r, "first", false, false)
			i.Answer(nil)
			wantFound(t, r, "first", true, true)
		})
	}
}

// A hanging issuer holds up nobody whose key is there, and others not for long.
func TestAnIssuerThatHangs(t *testing.T) {
	i := authtest.NewIssuer(t)
	r, _ := keysOf(t, i)
	wantFound(t, r, "first", true, true)
	hangs := make(chan struct{})
	t.Cleanup(func() { close(hangs) })
	i.Answer(func(http.ResponseWriter, *http.Request) { <-hangs })
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // whoever does not wait gets an answer all the same
	if keys, ok := r.find(ctx, "second", jose.ES256); len(keys) != 0 || !ok {
		t.Error("a key out of nowhere")
	}
	for range 1000 {
		wantFound(t, r, "first", true, true)
	}
	wantFound(t, r, "second", false, true) // after keyWait
}

// However many unknown keys come while an issuer hangs, few calls wait; the others are told
// at once that it cannot be told, and whose key is there is not held up.
func TestFewWaitForAnIssuerThatHangs(t *testing.T) {
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := newKeyring(Issuer{}, slog.New(slog.DiscardHandler)) // nobody runs it, so no fetch ends
		r.keys.Store(&keySet{[]jose.JSONWebKey{{KeyID: "first", Key: &own.PublicKey}}, r.now()})
		began := time.Now()
		var waiting sync.WaitGroup
		for range maxWaiting {
			waiting.Go(func() { wantFound(t, r, "unknown", false, true) })
		}
		synctest.Wait()
		for range 3 {
			wantFound(t, r, "unknown", false, false)
			wantFound(t, r, "first", true, true)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %s", took)
		}
		waiting.Wait()
		if took := time.Since(began); took != keyWait {
			t.Errorf("they waited for %s", took)
		}
		wantFound(t, r, "unknown", false, true)
	})
}

func TestAnIssuerUnderAnotherNameIsNotBelieved(t *testing.T) {
	i := authtest.NewIssuer(t)
	for _, other := range []string{i.URL + "/", strings.Replace(i.URL, "127.0.0.1", "localhost", 1)} {
		if _, err := fetch(t.Context(), Issuer{Issuer: other, CA: i.CA}); err == nil {
			t.Errorf("%s: believed", other)
		}
	}
	if _, err := fetch(t.Context(), Issuer{Issuer: i.URL}); err == nil {
		t.Error("a certificate that no authority of the system knows was believed")
	}
}

func TestPausesGrowWithFailures(t *testing.T) {
	r := newKeyring(Issuer{}, slog.New(slog.DiscardHandler))
	for failures, want := range map[int]time.Duration{0: defaultRefresh, 1: time.Second, 3: 4 * time.Second, 100: time.Minute} {
		if got := r.pause(failures); got > want || got < want-want/10-1 {
			t.Errorf("after %d failures %s, want about %s", failures, got, want)
		}
	}
}

// A parser of keys that stumbles ends neither the process nor the keys that are there.
func TestAFetchThatPanics(t *testing.T) {
	issuer := authtest.NewIssuer(t)
	panics, good := make(chan struct{}, 1), newKeyring(Issuer{Issuer: issuer.URL, CA: issuer.CA}, slog.New(slog.DiscardHandler))
	good.get = func(ctx context.Context, i Issuer) ([]jose.JSONWebKey, error) {
		select {
		case <-panics:
			panic("a key of a strange kind")
		default:
			return fetch(ctx, i)
		}
	}
	if !good.fetch(t.Context()) {
		t.Fatal("not fetched")
	}
	panics <- struct{}{}
	if good.fetch(t.Context()) {
		t.Error("fetched in a panic")
	}
	wantFound(t, good, "first", true, true)
	issuer.Rotate("second")
	if !good.fetch(t.Context()) {
		t.Error("not fetched after it")
	}
	wantFound(t, good, "second", true, true)
}
