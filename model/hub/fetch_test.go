package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const int8Path = "onnx/model_quantized.onnx"

func TestPullGoesOnWhereTheConnectionBroke(t *testing.T) {
	h := newFakeHub(t)
	data := h.files[int8Path]
	for range maxFailures + 3 { // more cuts than failures are allowed: each won something
		h.faults[int8Path] = append(h.faults[int8Path], cutAfter(20_000, data))
	}
	var waits []time.Duration
	o := h.patient(t, &waits)
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err != nil {
		t.Fatal(err)
	}
	expectModel(t, o.Dir)
	asked := h.asked("storage", int8Path)
	if len(asked) != maxFailures+4 || len(waits) != maxFailures+3 {
		t.Fatalf("%d requests, %d waits", len(asked), len(waits))
	}
	for i, r := range asked[1:] {
		if want := fmt.Sprintf("bytes=%d-", 20_000*(i+1)); r.rng != want || r.ifRange != `"`+digestOf(data)[:16]+`"` {
			t.Errorf("request %d asks for %q if %q, want %q", i+1, r.rng, r.ifRange, want)
		}
	}
}

func TestPullGoesOnWhereAnEarlierRunStopped(t *testing.T) {
	h := newFakeHub(t)
	e, o := h.pinnedEntry(t), h.patient(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	h.faults[int8Path] = []http.HandlerFunc{cutAfter(123_456, h.files[int8Path])}
	stopped := o
	stopped.pace.sleep = func(context.Context, time.Duration) error {
		cancel()
		return ctx.Err()
	}
	if _, err := Pull(ctx, e, stopped); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	expectNoModel(t, o.Dir)
	if _, err := Pull(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	expectModel(t, o.Dir)
	asked := h.asked("storage", int8Path)
	if len(asked) != 2 || asked[1].rng != "bytes=123456-" {
		t.Errorf("the second run began anew: %+v", asked)
	}
}

// A part that is whole already, but was not installed, is not fetched again.
func TestPullTakesAPartThatIsWhole(t *testing.T) {
	h := newFakeHub(t)
	e, o := h.pinnedEntry(t), h.patient(t, nil)
	h.faults["onnx/model.onnx"] = []http.HandlerFunc{status(404)}
	if _, err := Pull(t.Context(), e, o); err == nil {
		t.Fatal("no error")
	}
	if _, err := Pull(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	expectModel(t, o.Dir)
	asked := h.asked("storage", int8Path)
	if want := fmt.Sprintf("bytes=%d-", len(h.files[int8Path])); len(asked) != 2 || asked[1].rng != want {
		t.Errorf("%+v", asked)
	}
}

func TestPullStartsOverWhenTheFileChanged(t *testing.T) {
	h := newFakeHub(t)
	h.faults[int8Path] = []http.HandlerFunc{cutAfter(50_000, noise(7, 300_000))}
	o := h.patient(t, nil)
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err != nil {
		t.Fatal(err)
	}
	expectModel(t, o.Dir)
}

func TestPullSurvivesServersThatKnowNoRanges(t *testing.T) {
	h := newFakeHub(t)
	whole := func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Range")
		serve(w, r, h.files[int8Path])
	}
	lying := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Range", "bytes 5-9/300000")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, "wrong")
	}
	h.faults[int8Path] = []http.HandlerFunc{cutAfter(1000, h.files[int8Path]), lying, cutAfter(1000, h.files[int8Path]), whole}
	o := h.patient(t, nil)
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err != nil {
		t.Fatal(err)
	}
	expectModel(t, o.Dir)
}

func TestPullGivesUpWhenNothingIsWon(t *testing.T) {
	h := newFakeHub(t)
	for range 20 {
		h.faults["vocab.txt"] = append(h.faults["vocab.txt"], status(http.StatusBadGateway))
	}
	var waits []time.Duration
	_, err := Pull(t.Context(), h.pinnedEntry(t), h.patient(t, &waits))
	expectError(t, err, "vocab.txt: gave up after 6 tries")
	expectError(t, err, "502 Bad Gateway")
	for i, w := range waits {
		if longest := time.Second << i; w > longest || w < longest*3/4 {
			t.Errorf("wait %d is %s, want %s and up to a quarter less", i, w, longest)
		}
	}
	if len(waits) != maxFailures-1 {
		t.Errorf("%d waits", len(waits))
	}
}

func TestPullComesBackWhenAskedTo(t *testing.T) {
	h := newFakeHub(t)
	h.faults["vocab.txt"] = []http.HandlerFunc{
		status(http.StatusTooManyRequests, "Retry-After", "33"),
		status(http.StatusServiceUnavailable, "Retry-After", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)),
	}
	var waits []time.Duration
	o := h.patient(t, &waits)
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err != nil {
		t.Fatal(err)
	}
	if waits[0] != 33*time.Second || waits[1] < 50*time.Second || waits[1] > time.Minute {
		t.Errorf("waits %v", waits)
	}
	h.faults["vocab.txt"] = []http.HandlerFunc{status(429, "Retry-After", "3600")}
	o.Dir = filepath.Join(t.TempDir(), "x")
	_, err := Pull(t.Context(), h.pinnedEntry(t), o)
	expectError(t, err, "the server asks to come back in 1h0m0s")
}

func TestPullDoesNotRepeatWhatCannotSucceed(t *testing.T) {
	for code, want := range map[int]string{
		401: "set HF_TOKEN", 403: "its terms are not accepted", 404: "no such repository, revision or file", 400: "400 Bad Request",
	} {
		h := newFakeHub(t)
		h.faults["vocab.txt"] = []http.HandlerFunc{status(code)}
		var waits []time.Duration
		_, err := Pull(t.Context(), h.pinnedEntry(t), h.patient(t, &waits))
		expectError(t, err, want)
		if len(waits) > 0 {
			t.Errorf("%d: tried again", code)
		}
	}
}

func TestPullLeavesAConnectionThatStalls(t *testing.T) {
	h := newFakeHub(t)
	stuck := make(chan struct{})
	defer close(stuck)
	h.faults[int8Path] = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+digestOf(h.files[int8Path])[:16]+`"`)
		w.Header().Set("Content-Length", "300000")
		_, _ = w.Write(h.files[int8Path][:1000])
		_ = http.NewResponseController(w).Flush()
		select {
		case <-stuck:
		case <-r.Context().Done():
		}
	}}
	o := h.patient(t, nil)
	o.pace.stall = 300 * time.Millisecond
	var why error
	o.Progress = func(e Event) {
		if e.Stage == Retrying {
			why = e.Err
		}
	}
	if _, err := Pull(t.Context(), h.pinnedEntry(t), o); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(why, errStalled) {
		t.Errorf("tried again because of %v", why)
	}
	expectModel(t, o.Dir)
}

// Whatever a server does, a wrong file is no model and does not fill the disk.
func TestPullRefusesWhatIsNotTheFile(t *testing.T) {
	endless := func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		serve  http.HandlerFunc
		trust  bool // nothing is pinned
		reason error
		want   string
	}{
		"wrong bytes":            {serve: func(w http.ResponseWriter, r *http.Request) { serve(w, r, noise(8, 300_000)) }, reason: ErrDigest, want: "is pinned"},
		"other than it states":   {trust: true, serve: func(w http.ResponseWriter, r *http.Request) { serve(w, r, noise(8, 300_000)) }, reason: ErrDigest, want: "the hub states"},
		"announces too much":     {serve: func(w http.ResponseWriter, r *http.Request) { serve(w, r, noise(8, 3_000_000)) }, reason: ErrTooLarge, want: "offers 3000000 bytes"},
		"sends without end":      {serve: endless, reason: ErrTooLarge, want: "sends more than 1000000 bytes"},
		"no size and no digest":  {trust: true, serve: endless, want: "tells no size"},
		"packed without request": {serve: status(200, "Content-Encoding", "gzip", "Content-Length", "0"), want: "packed (gzip)"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t)
			h.faults[int8Path] = []http.HandlerFunc{c.serve}
			e, o := h.pinnedEntry(t), h.patient(t, nil)
			if c.trust {
				e, o.TrustOnFirstUse = h.openEntry(t), true
			}
			for i := range e.Files {
				e.Files[i].MaxBytes = 1_000_000
			}
			_, err := Pull(t.Context(), e, o)
			expectError(t, err, c.want)
			if c.reason != nil && !errors.Is(err, c.reason) {
				t.Errorf("%v is not %v", err, c.reason)
			}
			expectNoModel(t, o.Dir)
			if info, err := os.Stat(filepath.Join(o.Dir, "model.int8.onnx.part")); err == nil && info.Size() > 0 {
				t.Errorf("%d bytes of it are left", info.Size())
			}
			if _, err := os.Stat(o.Dir + ".lock.json"); err == nil {
				t.Error("trust was stored although the pull failed")
			}
		})
	}
}

func TestParseRange(t *testing.T) {
	for header, want := range map[string]struct {
		contentRange
		ok bool
	}{
		"bytes 5-9/10":     {contentRange{5, 10}, true},
		"bytes 5-8/10":     {contentRange{5, 10}, false},
		"bytes */10":       {contentRange{0, 10}, true},
		"bytes 5-9/*":      {ok: false},
		"items 5-9/10":     {ok: false},
		"":                 {ok: false},
		"bytes -5-9/10":    {ok: false},
		"bytes 5-9":        {ok: false},
		"bytes 0-0/1 more": {contentRange{0, 1}, true},
	} {
		got, ok := parseRange(header)
		if ok != want.ok || (ok && got != want.contentRange) {
			t.Errorf("%q: %+v, %v", header, got, ok)
		}
	}
}

func TestEventsReadWell(t *testing.T) {
	for _, e := range []struct {
		Event
		want string
	}{
		{Event{Stage: Fetching, File: "a", Done: 1_500_000, Total: 3_000_000}, "a: 1.5 of 3.0 MB"},
		{Event{Stage: Fetching, File: "a", Done: 1_500_000}, "a: 1.5 MB"},
		{Event{Stage: Retrying, File: "a", Err: io.ErrUnexpectedEOF, Wait: 1234 * time.Millisecond}, "a: unexpected EOF, next try in 1.2s"},
		{Event{Stage: Trusted, File: "a", SHA256: "ff"}, "a: trusted on first use, sha256 ff"},
		{Event{Stage: Kept, File: "a", SHA256: "ff"}, "a: kept, sha256 ff"},
	} {
		if got := e.String(); got != e.want {
			t.Errorf("got %q, want %q", got, e.want)
		}
	}
	if strings.Contains(Event{}.String(), "%!") {
		t.Error("the zero event has a bad format")
	}
}
