package hub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const (
	userAgent    = "portcullis-model-pull"
	maxRedirects = 10
)

// guarded is a copy of client whose redirects leave the token behind when they
// leave the endpoint, and never fall from https to http. Go itself drops the
// header only when the host name changes, not the port or the scheme.
func guarded(client *http.Client, endpoint *url.URL) *http.Client {
	c := *client
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) >= maxRedirects {
			return errRedirects
		}
		if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
			return errDowngrade
		}
		if !sameOrigin(req.URL, endpoint) {
			req.Header.Del("Authorization")
		}
		return nil
	}
	return &c
}

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

// request asks for a file from byte offset on. The condition makes a server
// that has another file by now send it from the start.
func (p *pull) request(ctx context.Context, f File, offset int64, etag string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url(f), http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", userAgent)
	// Asked for plainly, no layer unpacks: a few bytes cannot become gigabytes,
	// and ranges count bytes of the file.
	req.Header.Set("Accept-Encoding", "identity")
	if p.opts.Token != "" {
		req.Header.Set("Authorization", "Bearer "+p.opts.Token)
	}
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		req.Header.Set("If-Range", etag)
	}
	return req, nil
}

// url is ENDPOINT/OWNER/NAME/resolve/REVISION/PATH, the hub's address of a file.
func (p *pull) url(f File) string {
	revision := p.entry.Revision
	if revision == "" {
		revision = "main"
	}
	path := strings.Split(f.Path, "/")
	for i := range path {
		path[i] = url.PathEscape(path[i])
	}
	base := strings.TrimRight(p.endpoint.String(), "/")
	return base + "/" + p.entry.Repo + "/resolve/" + url.PathEscape(revision) + "/" + strings.Join(path, "/")
}

// stated is what the hub says about a file. It is said by the endpoint, before
// it redirects to a storage that knows nothing of it.
type stated struct {
	commit string // X-Repo-Commit
	sha256 string // X-Linked-Etag of a file in large file storage
}

func (p *pull) stated(resp *http.Response) stated {
	var s stated
	for r := resp; r != nil; r = r.Request.Response {
		if !sameOrigin(r.Request.URL, p.endpoint) {
			continue
		}
		if v := r.Header.Get("X-Repo-Commit"); commitPattern.MatchString(v) {
			s.commit = v
		}
		if v := strings.Trim(r.Header.Get("X-Linked-Etag"), `"`); sha256Pattern.MatchString(v) {
			s.sha256 = v
		}
	}
	return s
}
