package hub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	maxFailures = 6 // in a row, without a byte won
	firstWait   = time.Second
	longestWait = 2 * time.Minute
)

// retry calls try until it succeeds, fails for good, or fails maxFailures times
// in a row. A try that got further than any before it starts the count anew, so
// a line that is cut every few megabytes still brings the file.
func (p *pull) retry(ctx context.Context, f File, try func() (reached int64, err error)) error {
	best := int64(0)
	for failures := 0; ; {
		reached, err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var again temporary
		if !errors.As(err, &again) {
			return err
		}
		if failures++; reached > best {
			best, failures = reached, 1
		}
		if failures == maxFailures {
			return fmt.Errorf("gave up after %d tries: %w", maxFailures, err)
		}
		wait := max(again.wait, backoff(failures))
		if wait > longestWait {
			return fmt.Errorf("%w: the server asks to come back in %s", err, wait.Round(time.Second))
		}
		p.opts.Progress(Event{Stage: Retrying, File: f.Path, Done: reached, Err: err, Wait: wait})
		if err := p.opts.pace.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// backoff doubles from firstWait, up to a quarter shorter by chance so that
// machines that were cut off together do not return together.
func backoff(failures int) time.Duration {
	d := firstWait << (failures - 1)
	return d - rand.N(d/4) //nolint:gosec // nobody gains by guessing it
}

// retryAfter reads the header in both of its forms, seconds and a date.
func retryAfter(header string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(header); err == nil {
		return max(0, time.Duration(min(s, int(24*time.Hour/time.Second)))*time.Second)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
