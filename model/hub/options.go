package hub

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// DefaultEndpoint is the hub.
const DefaultEndpoint = "https://huggingface.co"

// Options say where to and how. Only Dir is required.
type Options struct {
	// Dir becomes the model folder. If it holds a model already, it must be one
	// of the same name; its graphs are kept and brought up to date.
	Dir string
	// Lock is the lock file, Dir + ".lock.json" if empty.
	Lock string
	// Precisions of the graphs to fetch, all if empty.
	Precisions []string
	// TrustOnFirstUse takes files whose digest is not known as they come and
	// writes their digests to Lock. Known digests are compared all the same.
	TrustOnFirstUse bool

	Endpoint string // a mirror of the hub, DefaultEndpoint if empty
	Token    string // sent to Endpoint only, never to where it redirects
	Client   *http.Client
	// Progress is called from one goroutine, at most five times a second and
	// file but for changes of stage. It must not block.
	Progress func(Event)

	pace pace
}

// FromEnvironment reads HF_ENDPOINT and HF_TOKEN, the names that the hub's own
// client uses.
func FromEnvironment(getenv func(string) string) Options {
	return Options{Endpoint: getenv("HF_ENDPOINT"), Token: strings.TrimSpace(getenv("HF_TOKEN"))}
}

// pace is what tests speed up.
type pace struct {
	sleep func(context.Context, time.Duration) error
	stall time.Duration // without a byte for so long, a connection counts as cut
}

func (o Options) withDefaults() (Options, *url.URL, error) {
	if o.Dir == "" {
		return o, nil, errors.New("no folder to pull into")
	}
	dir, err := filepath.Abs(o.Dir) // "." has no name to put the lock file beside
	if err != nil {
		return o, nil, err
	}
	if o.Lock == "" {
		o.Lock = dir + ".lock.json"
	}
	if o.Endpoint == "" {
		o.Endpoint = DefaultEndpoint
	}
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	if o.Progress == nil {
		o.Progress = func(Event) {}
	}
	if o.pace.sleep == nil {
		o.pace = pace{sleep: sleep, stall: time.Minute}
	}
	endpoint, err := o.endpoint()
	return o, endpoint, err
}

// endpoint refuses to send a token where others on the network could read it.
func (o Options) endpoint() (*url.URL, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("endpoint %q: want a URL such as %s (HF_ENDPOINT)", o.Endpoint, DefaultEndpoint)
	}
	if o.Token != "" && u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("endpoint %q: a token (HF_TOKEN) is only sent over https", o.Endpoint)
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
