package auth

import (
	"context"
	"log/slog"
	"time"
)

// watched is a reloaded value, whatever it is.
type watched interface {
	load() error
	look() (changed bool, err error)
	name() string
	isStale() bool
}

func (r *reloaded[T]) name() string  { return r.what }
func (r *reloaded[T]) isStale() bool { return r.stale.Load() }

// files lists what is made of files.
func (g *Gate) files() (list []watched) {
	if g.certificate != nil {
		list = append(list, g.certificate)
	}
	if g.clients != nil {
		list = append(list, g.clients.authorities)
	}
	if g.static != nil {
		list = append(list, g.static.keys)
	}
	return list
}

// reload looks at the files every so often. Polling sees what happens on network
// volumes and through links too, where notifications do not. A mistake is logged once.
func (g *Gate) reload(ctx context.Context, files []watched) {
	ticker := time.NewTicker(g.cfg.ReloadEvery)
	defer ticker.Stop()
	told := make(map[string]string) // by what, which mistake
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, f := range files {
			changed, err := f.look()
			switch {
			case err != nil && told[f.name()] != err.Error():
				told[f.name()] = err.Error()
				g.log.ErrorContext(ctx, "changed credentials are not taken: those before are used on", slog.String("what", "auth."+f.name()), slog.Any("error", err))
			case err == nil:
				delete(told, f.name())
			}
			if changed {
				g.log.InfoContext(ctx, "credentials reloaded", slog.String("what", "auth."+f.name()))
			}
		}
	}
}

// Stats is what the gate goes by at one moment.
type Stats struct {
	// CertificateEnds is when the server's certificate expires; zero: there is none.
	CertificateEnds time.Time
	// ListsEnd is when the first list of revoked certificates is overdue; zero: there is
	// none.
	ListsEnd time.Time
	// Stale names what could not be read anew: the files of TLS, authorities or keys.
	Stale map[string]bool
	// KeysFetched is when the keys of each issuer were; zero: never yet.
	KeysFetched map[string]time.Time
}

// Stats is quick and safe for concurrent use.
func (g *Gate) Stats() Stats {
	s := Stats{Stale: make(map[string]bool), KeysFetched: make(map[string]time.Time)}
	for _, f := range g.files() {
		s.Stale[f.name()] = f.isStale()
	}
	if g.certificate != nil {
		s.CertificateEnds = g.certificate.get().Leaf.NotAfter
	}
	if g.clients != nil {
		s.ListsEnd = g.clients.authorities.get().lists.end()
	}
	if g.tokens == nil {
		return s
	}
	for issuer, ring := range g.tokens.rings {
		s.KeysFetched[issuer] = time.Time{}
		if set := ring.keys.Load(); set != nil {
			s.KeysFetched[issuer] = set.fetched
		}
	}
	return s
}
