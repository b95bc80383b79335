package auth

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/portcullis-ai/portcullis/internal/quota"
)

// keyring has the keys of one issuer. One goroutine (run) fetches them, every so often
// and when a token names a key that is not there; calls only look. A fetch that fails
// leaves what there is, for as long as KeepKeys.
type keyring struct {
	cfg Issuer
	log *slog.Logger
	now func() time.Time
	get func(context.Context, Issuer) ([]jose.JSONWebKey, error)

	keys   atomic.Pointer[keySet] // nil: none yet
	wanted chan struct{}          // has room for one: somebody asks for a fetch
	places chan struct{}          // one for each call that may wait for a fetch

	mu      sync.Mutex
	coming  chan struct{} // closed when the fetch that was asked for is over; nil: none was
	allowed quota.Bucket  // fetches that unknown keys may ask for
}

// An unknown key may come from whoever sends a token, so it does not always have the
// keys fetched: three times, then once in ten seconds.
const (
	askedBurst = 3
	askedRate  = 0.1
)

// keyWait is how long a call waits for a key that is being fetched.
const keyWait = 2 * time.Second

// maxWaiting is how many calls wait for the keys of an issuer at a time. Who they are is not
// known yet: while an issuer hangs they would take the places of those whose key is there.
// A key that is new at a healthy issuer has a fetch's time of calls waiting for it, so there
// must be room for these.
const maxWaiting = 512

func newKeyring(cfg Issuer, log *slog.Logger) *keyring {
	return &keyring{
		cfg: cfg, log: log, now: time.Now, get: fetch, wanted: make(chan struct{}, 1), places: make(chan struct{}, maxWaiting),
		allowed: quota.Bucket{Rate: askedRate, Burst: askedBurst},
	}
}

// find returns the keys that a token may have been signed with. One that is not known
// is waited for while it is fetched; ok is false if there are no keys to go by at all, or
// if too many wait already: whether there is such a key cannot be told then.
func (r *keyring) find(ctx context.Context, kid string, alg jose.SignatureAlgorithm) (found []jose.JSONWebKey, ok bool) {
	if found, ok = r.look(kid, alg); len(found) > 0 {
		return found, ok
	}
	if over := r.ask(); over != nil && !r.await(ctx, over) {
		return nil, false
	}
	return r.look(kid, alg)
}

// await waits until a fetch is over, for keyWait at most, or until ctx ends; false is that
// as many wait as may.
func (r *keyring) await(ctx context.Context, over <-chan struct{}) bool {
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	default:
		return false
	}
	select {
	case <-over:
	case <-time.After(keyWait):
	case <-ctx.Done():
	}
	return true
}

// look takes keys that are too old for none: an issuer may have had its reasons.
func (r *keyring) look(kid string, alg jose.SignatureAlgorithm) (found []jose.JSONWebKey, ok bool) {
	set := r.keys.Load()
	if set == nil || r.now().Sub(set.fetched) > r.cfg.keepFor() {
		return nil, false
	}
	return set.matching(kid, alg), true
}

// ask has the keys fetched, and returns what closes when that is over; nil: not now.
func (r *keyring) ask() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.coming != nil {
		return r.coming
	}
	now := r.now()
	if r.allowed.Wait(now) > 0 {
		return nil
	}
	r.allowed.Take(now, 1)
	r.coming = make(chan struct{})
	select {
	case r.wanted <- struct{}{}:
	default:
	}
	return r.coming
}

// run fetches until ctx ends.
func (r *keyring) run(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		if r.fetch(ctx) {
			failures = 0
		} else {
			failures++
		}
		r.over()
		timer := time.NewTimer(r.pause(failures))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-r.wanted:
		}
		timer.Stop()
	}
}

// pause is up to a tenth shorter than it could be, so that many servers do not come
// at once. A failure is tried again after one second, two, four, up to a minute.
func (r *keyring) pause(failures int) time.Duration {
	pause := r.cfg.refresh()
	if failures > 0 {
		pause = min(pause, time.Minute, time.Second<<min(failures-1, 6))
	}
	return pause - rand.N(pause/10+1) //nolint:gosec // no secret
}

func (r *keyring) fetch(ctx context.Context) (ok bool) {
	keys, err := r.download(ctx)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		r.log.WarnContext(ctx, "the keys of an issuer could not be fetched", slog.String("issuer", r.cfg.Issuer), slog.Any("error", err))
		return false
	}
	r.log.DebugContext(ctx, "the keys of an issuer were fetched", slog.String("issuer", r.cfg.Issuer), slog.Int("keys", len(keys)))
	r.keys.Store(&keySet{keys, r.now()})
	return true
}

// download makes an error of a panic: whatever an issuer answers, the keys that are there
// are used on.
func (r *keyring) download(ctx context.Context) (keys []jose.JSONWebKey, err error) {
	defer func() {
		if p := recover(); p != nil {
			keys, err = nil, fmt.Errorf("it panicked, please report this: %v\n%s", p, debug.Stack())
		}
	}()
	return r.get(ctx, r.cfg)
}

// over tells those who wait that a fetch has ended.
func (r *keyring) over() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.coming != nil {
		close(r.coming)
		r.coming = nil
	}
}
