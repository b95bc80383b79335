package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// fetch brings the rest of a file onto disk. It returns what the hub stated
// about the file; whether the bytes are right is for the caller to find out.
func (p *pull) fetch(ctx context.Context, f File, to *part) (stated, error) {
	var s stated
	err := p.retry(ctx, f, func() (int64, error) {
		var err error
		s, err = p.try(ctx, f, to)
		return to.size, err
	})
	return s, err
}

// try is one connection. It leaves in the part whatever came before it broke.
func (p *pull) try(ctx context.Context, f File, to *part) (stated, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(p.opts.pace.stall, func() { cancel(errStalled) })
	defer watch.Stop()

	req, err := p.request(ctx, f, to.size, to.etag)
	if err != nil {
		return stated{}, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return stated{}, ofTransport(causeOf(ctx, err))
	}
	defer resp.Body.Close() //nolint:errcheck // nothing depends on it, every byte is verified
	s := p.stated(resp)
	if p.entry.Revision != "" && s.commit != "" && s.commit != p.entry.Revision {
		return s, fmt.Errorf("asked for revision %s, the server sends %s", p.entry.Revision, s.commit)
	}
	total, err := accept(resp, f, to, p.opts.Token != "")
	if err != nil || resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return s, err
	}
	body := &watched{from: resp.Body, touch: func() { watch.Reset(p.opts.pace.stall) }}
	return s, p.copy(ctx, f, to, body, total)
}

// accept decides what a reply means for the part: it goes on, starts over or is
// whole already. It returns the size of the whole file, -1 if nobody says.
func accept(resp *http.Response, f File, to *part, token bool) (total int64, err error) {
	etag := resp.Header.Get("ETag")
	switch resp.StatusCode {
	case http.StatusOK:
		total = resp.ContentLength
		if err := to.restart(etag); err != nil {
			return 0, err
		}
	case http.StatusPartialContent:
		r, ok := parseRange(resp.Header.Get("Content-Range"))
		if !ok || r.start != to.size || (etag != "" && etag != to.etag) {
			return 0, errors.Join(temporary{error: errors.New("the server sent another range than asked for")}, to.restart(""))
		}
		total = r.total
	case http.StatusRequestedRangeNotSatisfiable:
		if r, ok := parseRange(resp.Header.Get("Content-Range")); ok && r.total == to.size {
			return to.size, nil
		}
		return 0, errors.Join(temporary{error: errors.New("what was fetched before is longer than the file")}, to.restart(""))
	default:
		return 0, ofStatus(resp, token)
	}
	return total, sized(f, total, resp.Header.Get("Content-Encoding"))
}

// sized refuses a reply by what it announces, before a byte of it is written.
func sized(f File, total int64, encoding string) error {
	switch {
	case encoding != "" && encoding != "identity":
		return fmt.Errorf("the server sends it packed (%s) although it was asked not to", encoding)
	case total > f.limit():
		return fmt.Errorf("the server offers %d bytes, at most %d are expected: %w", total, f.limit(), ErrTooLarge)
	case f.Bytes > 0 && total >= 0 && total != f.Bytes:
		return fmt.Errorf("the server offers %d bytes, %d are pinned: %w", total, f.Bytes, ErrDigest)
	case total < 0 && f.SHA256 == "":
		return errors.New("the server tells no size, and without a digest a part of the file would pass for the whole")
	}
	return nil
}

// copy appends the body to the part, up to the limit of the file.
func (p *pull) copy(ctx context.Context, f File, to *part, body io.Reader, total int64) error {
	report := every{d: time.Second / 5}
	buf := make([]byte, 128<<10)
	for {
		n, err := body.Read(buf)
		if to.size+int64(n) > f.limit() {
			return fmt.Errorf("the server sends more than %d bytes: %w", f.limit(), ErrTooLarge)
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return err
		}
		whole := errors.Is(err, io.EOF)
		if report.due() || whole {
			p.opts.Progress(Event{Stage: Fetching, File: f.Path, Done: to.size, Total: max(0, total)})
		}
		if whole {
			return nil
		}
		if err != nil {
			return temporary{error: causeOf(ctx, err)}
		}
	}
}

// causeOf prefers why the context ended to the error that this caused.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// watched tells somebody about every read that brought something.
type watched struct {
	from  io.Reader
	touch func()
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.from.Read(b)
	if n > 0 {
		w.touch()
	}
	return n, err
}

// contentRange is "bytes START-END/TOTAL" or "bytes */TOTAL".
type contentRange struct{ start, total int64 }

func parseRange(header string) (contentRange, bool) {
	var r contentRange
	var end int64
	if _, err := fmt.Sscanf(header, "bytes %d-%d/%d", &r.start, &end, &r.total); err == nil {
		return r, r.start >= 0 && end == r.total-1
	}
	_, err := fmt.Sscanf(header, "bytes */%d", &r.total)
	return r, err == nil
}
