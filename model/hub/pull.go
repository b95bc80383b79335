package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/portcullis-ai/portcullis/model"
)

// Result is what a pull brought.
type Result struct {
	Dir      string
	Manifest model.Manifest
	Revision string // commit, empty if neither catalogue nor server knew it
	Files    []Fetched
	// Lock is the file that first trust was written to, empty if everything had
	// been pinned before.
	Lock string
}

// Fetched is one file of the model folder; its digest and size are now known.
type Fetched struct {
	File
	Kept    bool // it was there already
	Trusted bool // its digest was not known before
}

// pull is one run of Pull.
type pull struct {
	entry    Entry // with what the lock file pins; learns its revision on the way
	opts     Options
	endpoint *url.URL
	client   *http.Client
}

// Pull makes o.Dir the model folder of an entry. It goes on where an earlier
// pull stopped, keeps files whose digest is right, tries again when a
// connection breaks or the server is busy, and writes the manifest last.
//
// Errors name the file. They wrap ErrNotPinned, ErrDigest, ErrTooLarge or
// ErrBusy where these are the reason, and ctx's error where it ended.
func Pull(ctx context.Context, e Entry, o Options) (Result, error) {
	r, err := run(ctx, e, o)
	if err != nil {
		return Result{}, fmt.Errorf("pull %s: %w", e.Name, err)
	}
	return r, nil
}

func run(ctx context.Context, e Entry, o Options) (Result, error) {
	o, endpoint, err := o.withDefaults()
	if err != nil {
		return Result{}, err
	}
	release, err := lockFolder(o.Dir)
	if err != nil {
		return Result{}, err
	}
	defer release()
	p := &pull{opts: o, endpoint: endpoint, client: guarded(o.Client, endpoint)}
	if p.entry, err = wanted(e, o); err != nil {
		return Result{}, err
	}
	r := Result{Dir: o.Dir}
	for _, f := range p.entry.Files {
		got, err := p.file(ctx, f)
		if err != nil {
			return Result{}, fmt.Errorf("%s: %w", f.Path, err)
		}
		r.Files = append(r.Files, got)
	}
	err = p.install(&r)
	return r, err
}

// file brings one file to where install finds it, verified.
func (p *pull) file(ctx context.Context, f File) (Fetched, error) {
	final := filepath.Join(p.opts.Dir, f.Name)
	if got, ok := p.kept(f, final); ok {
		return got, nil
	}
	to, err := openPart(final + ".part")
	if err != nil {
		return Fetched{}, err
	}
	defer to.close()
	s, err := p.fetch(ctx, f, to)
	if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrDigest) {
		discardPart(to.path)
	}
	if err != nil {
		return Fetched{}, err
	}
	if p.entry.Revision == "" {
		p.entry.Revision = s.commit // all further files come from the same commit
	}
	return p.verify(f, to, s)
}

func (p *pull) kept(f File, final string) (Fetched, bool) {
	info, err := os.Stat(final)
	if err != nil || f.SHA256 == "" {
		return Fetched{}, false
	}
	if sum, err := fileDigest(final); err != nil || sum != f.SHA256 {
		return Fetched{}, false
	}
	f.Bytes = info.Size()
	p.opts.Progress(Event{Stage: Kept, File: f.Path, Done: f.Bytes, Total: f.Bytes, SHA256: f.SHA256})
	return Fetched{File: f, Kept: true}, true
}

// verify compares the part with what is pinned, and with what the hub states
// about files it keeps in large file storage. A part that differs is deleted:
// going on from it could never succeed.
func (p *pull) verify(f File, to *part, s stated) (Fetched, error) {
	sum, err := to.digest()
	if err != nil {
		return Fetched{}, err
	}
	want, says := f.SHA256, "is pinned"
	if want == "" {
		want, says = s.sha256, "the hub states"
	}
	if want != "" && sum != want {
		discardPart(to.path)
		return Fetched{}, fmt.Errorf("%w: came %s, %s %s; the file is deleted", ErrDigest, sum, says, want)
	}
	got := Fetched{File: f, Trusted: f.SHA256 == ""}
	got.SHA256, got.Bytes = sum, to.size
	stage := Verified
	if got.Trusted {
		stage = Trusted
	}
	p.opts.Progress(Event{Stage: stage, File: f.Path, Done: to.size, Total: to.size, SHA256: sum})
	return got, nil
}
