package hub

import (
	"fmt"
	"time"
)

// Stage is what happened to a file.
type Stage string

// The stages of a file, in their usual order.
const (
	Kept     Stage = "kept"     // it was there and its digest is right
	Fetching Stage = "fetching" // Done of Total bytes are on disk
	Retrying Stage = "retrying" // Err cut it short; it goes on after Wait
	Verified Stage = "verified" // SHA256 is what is pinned
	Trusted  Stage = "trusted"  // SHA256 was not known before: trust on first use
)

// Event is one step of a pull.
type Event struct {
	Stage  Stage
	File   string // in the repository
	Done   int64  // bytes on disk, those of an earlier run included
	Total  int64  // bytes, 0 if the server did not say
	SHA256 string
	Err    error
	Wait   time.Duration
}

// String is one line for people.
func (e Event) String() string {
	switch e.Stage {
	case Fetching:
		if e.Total > 0 {
			return fmt.Sprintf("%s: %.1f of %.1f MB", e.File, megabytes(e.Done), megabytes(e.Total))
		}
		return fmt.Sprintf("%s: %.1f MB", e.File, megabytes(e.Done))
	case Retrying:
		return fmt.Sprintf("%s: %v, next try in %s", e.File, e.Err, e.Wait.Round(time.Second/10))
	case Trusted:
		return fmt.Sprintf("%s: trusted on first use, sha256 %s", e.File, e.SHA256)
	default:
		return fmt.Sprintf("%s: %s, sha256 %s", e.File, e.Stage, e.SHA256)
	}
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// every is due at most once in d: a fast line would otherwise report thousands
// of times a second.
type every struct {
	d    time.Duration
	last time.Time
}

func (e *every) due() bool {
	now := time.Now()
	if now.Sub(e.last) < e.d {
		return false
	}
	e.last = now
	return true
}
